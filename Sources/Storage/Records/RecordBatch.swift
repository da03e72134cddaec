/// What a producer sends: records encoded one after another as on the wire, checked when the batch is made.
///
/// A batch never changes. Its bytes go from producer to agent to log to segment without being taken apart.
///
/// ```swift
/// var builder = RecordBatchBuilder()
/// builder.append(timestamp: 1_700_000_000_000, key: Array("user".utf8), value: Array("login".utf8))
/// let batch = builder.finish()
/// let received = try RecordBatch(decoding: batch.bytes)
/// ```
///
/// The format is this project's own, little-endian: mark `SHB1`, CRC-32 of all that follows it, record count (4 bytes
/// each); then for every record the timestamp as zigzag difference to the record before (to 0 for the first), key
/// length + 1 or 0 for no key, key, value length, value, length of the headers, headers. Lengths and differences are
/// LEB128. Unlike in a segment of version 1 an empty key differs from none.
public struct RecordBatch: Sendable, Hashable {
  /// How many records the batch has.
  public let count: Int
  /// The encoded batch, its checksum included.
  public let bytes: [UInt8]
  /// The size by which batches are limited, in bytes: key + value + headers + 16 for each record.
  public let estimatedSize: Int
  /// True when at least one record has headers, for which segments of version 1 have no room.
  public let hasHeaders: Bool

  /// The bytes `SHB1` read as a little-endian integer.
  static let magic: UInt32 = 0x3142_4853
  /// Mark, checksum and count.
  @usableFromInline static let prefixSize = 12
  /// What a record is taken to cost beside its key and value, in bytes; the original's figure.
  @usableFromInline static let recordOverhead = 16

  /// Wraps bytes that the builder has just made.
  init(trustedBytes: [UInt8], count: Int, estimatedSize: Int, hasHeaders: Bool) {
    self.bytes = trustedBytes
    self.count = count
    self.estimatedSize = estimatedSize
    self.hasHeaders = hasHeaders
  }

  /// Restores a batch from bytes of any origin.
  ///
  /// - Throws: `BatchError` when the bytes are not exactly one well-formed batch.
  /// - Complexity: O(*n*) in the bytes; nothing is copied.
  public init(decoding bytes: [UInt8]) throws(BatchError) {
    let content = try bytes.span.bytes.withUnsafeBytes { buffer throws(BatchError) in
      try Self.validate(buffer)
    }
    self.init(
      trustedBytes: bytes, count: content.count, estimatedSize: content.size, hasHeaders: content.hasHeaders)
  }

  private static func validate(
    _ buffer: UnsafeRawBufferPointer
  ) throws(BatchError) -> (count: Int, size: Int, hasHeaders: Bool) {
    guard let base = buffer.baseAddress, buffer.count >= prefixSize,
      let found = FixedWidth.littleEndian(UInt32.self, in: buffer, at: 0),
      let stored = FixedWidth.littleEndian(UInt32.self, in: buffer, at: 4),
      let claimed = FixedWidth.littleEndian(UInt32.self, in: buffer, at: 8)
    else { throw .tooShort(length: buffer.count, minimum: prefixSize) }
    guard found == magic else { throw .wrongMagic(found: found, expected: magic) }
    let computed = Checksum.crc32(UnsafeRawBufferPointer(rebasing: buffer[8...]))
    guard stored == computed else { throw .checksumMismatch(stored: stored, computed: computed) }

    var decoder = BatchDecoder(position: base + prefixSize, end: base + buffer.count)
    var size = 0
    var hasHeaders = false
    for index in 0..<Int(claimed) {
      let start = buffer.count - decoder.cursor.remaining
      do throws(DecodingFault) {
        let record = try decoder.next()
        try RecordHeadersView.walk(record.headers.bytes) { _, _ in hasHeaders = true }
        // Cannot overflow: each part lies in the buffer, and each record has bytes of its own in it.
        size += recordOverhead + (record.key?.count ?? 0) + record.value.count + record.headers.bytes.count
      } catch {
        throw .damagedRecord(index: index, position: start, fault: error)
      }
    }
    guard decoder.cursor.isAtEnd else {
      let left = decoder.cursor.remaining
      throw .damagedRecord(
        index: Int(claimed), position: buffer.count - left, fault: .trailingBytes(count: left))
    }
    return (Int(claimed), size, hasHeaders)
  }

  /// Calls `body` with each record in order: its index, timestamp in milliseconds, key and value.
  ///
  /// The buffers are valid inside the call only. Nothing is allocated.
  @inlinable
  public func forEach(
    _ body: (_ index: Int, _ timestamp: UInt64, _ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer)
      throws -> Void
  ) rethrows {
    try bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      var decoder = BatchDecoder(position: base + Self.prefixSize, end: base + buffer.count)
      for index in 0..<count {
        // The bytes were checked when the batch was made, so this never ends early.
        guard let record = try? decoder.next() else { return }
        try body(index, record.timestamp, record.key, record.value)
      }
    }
  }

  /// Calls `body` with each record in order as a view, headers included; the first gets `firstOffset`, the next one
  /// more, and so on, wrapping at 2^64.
  @inlinable
  public func forEachRecord(firstOffset: UInt64, _ body: (RecordView) throws -> Void) rethrows {
    try bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      var decoder = BatchDecoder(position: base + Self.prefixSize, end: base + buffer.count)
      for index in 0..<count {
        guard let record = try? decoder.next() else { return }
        try body(
          RecordView(
            offset: firstOffset &+ UInt64(index), timestamp: record.timestamp, key: record.key, value: record.value,
            headers: record.headers, producer: nil))
      }
    }
  }

  /// Copies out all records, without their headers.
  public func records() -> [(timestamp: UInt64, key: [UInt8]?, value: [UInt8])] {
    var records: [(timestamp: UInt64, key: [UInt8]?, value: [UInt8])] = []
    records.reserveCapacity(count)
    forEach { _, timestamp, key, value in
      records.append((timestamp, key.map { [UInt8]($0) }, [UInt8](value)))
    }
    return records
  }
}

/// Takes the records of a batch apart, one at a time.
@usableFromInline
struct BatchDecoder {
  @usableFromInline var cursor: ByteCursor
  @usableFromInline var timestamp: UInt64 = 0

  @inlinable
  init(position: UnsafeRawPointer, end: UnsafeRawPointer) {
    cursor = ByteCursor(position: position, end: end)
  }

  @inlinable @inline(__always)
  mutating func next() throws(DecodingFault) -> RecordView {
    timestamp &+= try cursor.readSignedVarint()
    let keyLength = try cursor.readVarint()
    var key: UnsafeRawBufferPointer?
    if keyLength > 0 {
      let available = cursor.remaining
      guard let bytes = cursor.readBytes(keyLength &- 1) else {
        throw .keyBeyondEnd(claimed: keyLength &- 1, available: available)
      }
      key = bytes
    }
    let valueLength = try cursor.readVarint()
    let available = cursor.remaining
    guard let value = cursor.readBytes(valueLength) else {
      throw .valueBeyondEnd(claimed: valueLength, available: available)
    }
    let headersLength = try cursor.readVarint()
    let left = cursor.remaining
    guard let headers = cursor.readBytes(headersLength) else {
      throw .headersBeyondEnd(claimed: headersLength, available: left)
    }
    return RecordView(
      offset: 0, timestamp: timestamp, key: key, value: value, headers: RecordHeadersView(bytes: headers),
      producer: nil)
  }
}
