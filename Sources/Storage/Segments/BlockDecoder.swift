/// Takes the records of an uncompressed block apart, one at a time.
///
/// A record is the zigzag difference of its offset to the record before, that of its timestamp, key length, key, value
/// length, value; all integers LEB128, all differences modulo 2^64. Key length 0 means no key.
@usableFromInline
struct BlockDecoder {
  @usableFromInline var cursor: ByteCursor
  @usableFromInline var offset: UInt64
  @usableFromInline var timestamp: UInt64

  @inlinable
  init(block: UnsafeRawBufferPointer, entry: SegmentIndexEntry, empty: UnsafeRawPointer) {
    let start = block.baseAddress ?? empty
    cursor = ByteCursor(position: start, end: start + block.count)
    offset = entry.offset
    timestamp = entry.timestamp
  }

  @inlinable @inline(__always)
  mutating func next() throws(DecodingFault) -> RecordView {
    offset &+= try cursor.readSignedVarint()
    timestamp &+= try cursor.readSignedVarint()
    let keyLength = try cursor.readVarint()
    var key: UnsafeRawBufferPointer?
    if keyLength > 0 {
      guard let bytes = cursor.readBytes(keyLength) else {
        throw .keyBeyondEnd(claimed: keyLength, available: cursor.remaining)
      }
      key = bytes
    }
    let valueLength = try cursor.readVarint()
    guard let value = cursor.readBytes(valueLength) else {
      throw .valueBeyondEnd(claimed: valueLength, available: cursor.remaining)
    }
    return RecordView(
      offset: offset, timestamp: timestamp, key: key, value: value,
      headers: RecordHeadersView(bytes: UnsafeRawBufferPointer(start: nil, count: 0)), producer: nil)
  }
}
