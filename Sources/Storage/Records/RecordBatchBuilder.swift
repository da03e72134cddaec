/// Gathers records into a `RecordBatch`, and is then ready for the next one without allocating again.
public struct RecordBatchBuilder: Sendable {
  /// How many records were appended since the last `finish()`.
  public private(set) var count = 0
  /// The size of what was appended, in bytes, as `RecordBatch.estimatedSize` counts it.
  public private(set) var estimatedSize = 0

  private var buffer = ReusableBuffer()
  private var previousTimestamp: UInt64 = 0
  private var hasHeaders = false
  private var encodedHeaders: [UInt8] = []

  /// Makes an empty builder.
  public init() {}

  /// Adds a record; `timestamp` is in milliseconds, any 64 bits are kept.
  ///
  /// A batch holds at most 2^32 − 1 records; what is appended beyond is not kept, and `count` does not grow.
  public mutating func append(timestamp: UInt64, key: [UInt8]?, value: [UInt8], headers: [RecordHeader] = []) {
    encodedHeaders.removeAll(keepingCapacity: true)
    RecordHeadersView.encode(headers, into: &encodedHeaders)
    let headerBytes = encodedHeaders
    headerBytes.withUnsafeBytes { headers in
      value.withUnsafeBytes { value in
        if let key {
          key.withUnsafeBytes { append(timestamp: timestamp, key: $0, value: value, headers: headers) }
        } else {
          append(timestamp: timestamp, key: nil, value: value, headers: headers)
        }
      }
    }
  }

  /// Adds a record from borrowed memory; `timestamp` is in milliseconds, any 64 bits are kept.
  public mutating func append(timestamp: UInt64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer) {
    append(timestamp: timestamp, key: key, value: value, headers: UnsafeRawBufferPointer(start: nil, count: 0))
  }

  private mutating func append(
    timestamp: UInt64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer, headers: UnsafeRawBufferPointer
  ) {
    guard count < UInt32.max else { return }
    if count == 0 { startBatch() }
    let delta = timestamp &- previousTimestamp
    let keyCount = key?.count ?? 0
    let content = keyCount + value.count + headers.count
    buffer.write(atMost: content + 4 * ByteWriter.maximumVarintSize) { writer in
      writer.writeSignedVarint(delta)
      if let key {
        writer.writeVarint(UInt64(key.count) + 1)
        writer.writeBytes(key)
      } else {
        writer.writeVarint(0)
      }
      writer.writeVarint(UInt64(value.count))
      writer.writeBytes(value)
      writer.writeVarint(UInt64(headers.count))
      writer.writeBytes(headers)
    }
    previousTimestamp = timestamp
    if headers.count > 0 { hasHeaders = true }
    count += 1
    estimatedSize += content + RecordBatch.recordOverhead
  }

  private mutating func startBatch() {
    buffer.removeAll()
    buffer.write(atMost: RecordBatch.prefixSize) { writer in
      for _ in 0..<RecordBatch.prefixSize { writer.writeByte(0) }
    }
    previousTimestamp = 0
  }

  /// Hands out what was appended, possibly nothing, and begins anew.
  public mutating func finish() -> RecordBatch {
    if count == 0 { startBatch() }
    var bytes = buffer.withUnsafeBytes { [UInt8]($0) }
    bytes.replaceLittleEndian(RecordBatch.magic, at: 0)
    bytes.replaceLittleEndian(UInt32(count), at: 8)
    let checksum = bytes.withUnsafeBytes { Checksum.crc32(UnsafeRawBufferPointer(rebasing: $0[8...])) }
    bytes.replaceLittleEndian(checksum, at: 4)
    let batch = RecordBatch(
      trustedBytes: bytes, count: count, estimatedSize: estimatedSize, hasHeaders: hasHeaders)
    count = 0
    hasHeaders = false
    estimatedSize = 0
    return batch
  }
}
