/// Bytes that are written again and again into memory that is kept: the block of a segment, the records of a batch.
///
/// An array whose unused rest stays initialised, so that writing needs one check of room and no call a byte.
@usableFromInline
struct ReusableBuffer: Sendable {
  @usableFromInline var storage: [UInt8] = []
  @usableFromInline var count = 0

  @inlinable
  init() {}

  /// Hands out a writer with room for at least `size` bytes; what it wrote becomes part of the buffer.
  @inlinable @inline(__always)
  mutating func write(atMost size: Int, _ body: (inout ByteWriter) -> Void) {
    if storage.count &- count < size { grow(by: size) }
    let start = count
    count = storage.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return start }
      var writer = ByteWriter(position: base + start)
      body(&writer)
      return UnsafeRawPointer(writer.position) - UnsafeRawPointer(base)
    }
  }

  @usableFromInline @inline(never)
  mutating func grow(by size: Int) {
    let wanted = max(count + size, storage.count * 2, 4096)
    storage.append(contentsOf: repeatElement(0, count: wanted - storage.count))
  }

  /// Forgets the content and keeps the memory.
  mutating func removeAll() {
    count = 0
  }

  func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }
}
