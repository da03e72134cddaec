/// Takes the records of an uncompressed block apart, one at a time.
@usableFromInline
protocol BlockDecoder {
  /// Begins with the first record of a block; `empty` is any address, for a block without memory.
  init(block: UnsafeRawBufferPointer, entry: SegmentIndexEntry, empty: UnsafeRawPointer)
  var cursor: ByteCursor { get }
  mutating func next() throws(DecodingFault) -> RecordView
}

/// Version 1: the zigzag difference of the offset to the record before, that of the timestamp, key length, key, value
/// length, value; all integers LEB128, all differences modulo 2^64. Key length 0 means no key.
@usableFromInline
struct BlockDecoderOne: BlockDecoder {
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
    if keyLength > 0 { key = try cursor.readKey(keyLength) }
    let value = try cursor.readValue()
    return RecordView(
      offset: offset, timestamp: timestamp, key: key, value: value,
      headers: RecordHeadersView(bytes: UnsafeRawBufferPointer(start: nil, count: 0)), producer: nil)
  }
}

/// Version 2: a byte of flags in front of what version 1 has; then only what the flags announce.
///
/// In order: flags; differences of offset and timestamp; with `newProducer` its id, epoch and sequence; with `key` key
/// length and key; value length and value; with `headers` their length and the headers. With `sameProducer` the
/// producer is that of the record before and the sequence one more. Every block begins without a producer.
@usableFromInline
struct BlockDecoderTwo: BlockDecoder {
  @usableFromInline var cursor: ByteCursor
  @usableFromInline var offset: UInt64
  @usableFromInline var timestamp: UInt64
  @usableFromInline var producer: ProducerStamp?

  @inlinable
  init(block: UnsafeRawBufferPointer, entry: SegmentIndexEntry, empty: UnsafeRawPointer) {
    let start = block.baseAddress ?? empty
    cursor = ByteCursor(position: start, end: start + block.count)
    offset = entry.offset
    timestamp = entry.timestamp
  }

  @inlinable
  mutating func next() throws(DecodingFault) -> RecordView {
    let flags = try cursor.readFlags()
    offset &+= try cursor.readSignedVarint()
    timestamp &+= try cursor.readSignedVarint()
    try readProducer(flags)
    var key: UnsafeRawBufferPointer?
    if flags & RecordFlags.key != 0 {
      let length = try cursor.readVarint()
      key = try cursor.readKey(length)
    }
    let value = try cursor.readValue()
    var headers = UnsafeRawBufferPointer(start: nil, count: 0)
    if flags & RecordFlags.headers != 0 { headers = try cursor.readHeaders() }
    return RecordView(
      offset: offset, timestamp: timestamp, key: key, value: value, headers: RecordHeadersView(bytes: headers),
      producer: producer)
  }

  @inlinable
  mutating func readProducer(_ flags: UInt8) throws(DecodingFault) {
    if flags & RecordFlags.newProducer != 0 {
      let id = try cursor.readVarint()
      let rawEpoch = try cursor.readVarint()
      let sequence = try cursor.readVarint()
      guard let epoch = UInt32(exactly: rawEpoch) else { throw .varintTooLarge }
      guard id != 0 else { throw .producerWithoutIdentifier }
      producer = ProducerStamp(id: id, epoch: epoch, sequence: sequence)
    } else if flags & RecordFlags.sameProducer != 0 {
      guard let previous = producer else { throw .unknownFlags(flags) }
      producer = ProducerStamp(id: previous.id, epoch: previous.epoch, sequence: previous.sequence &+ 1)
    } else {
      producer = nil
    }
  }
}

/// What the first byte of a record of version 2 announces.
@usableFromInline
enum RecordFlags {
  @usableFromInline static let key: UInt8 = 1
  @usableFromInline static let headers: UInt8 = 2
  @usableFromInline static let newProducer: UInt8 = 4
  @usableFromInline static let sameProducer: UInt8 = 8
  @usableFromInline static let all: UInt8 = 15
}

extension ByteCursor {
  @inlinable
  mutating func readFlags() throws(DecodingFault) -> UInt8 {
    guard let byte = readBytes(1)?.first else { throw .truncatedVarint }
    let producerFlags = RecordFlags.newProducer | RecordFlags.sameProducer
    guard byte & ~RecordFlags.all == 0, byte & producerFlags != producerFlags else { throw .unknownFlags(byte) }
    return byte
  }

  @inlinable @inline(__always)
  mutating func readKey(_ length: UInt64) throws(DecodingFault) -> UnsafeRawBufferPointer {
    guard let key = readBytes(length) else { throw .keyBeyondEnd(claimed: length, available: remaining) }
    return key
  }

  @inlinable @inline(__always)
  mutating func readValue() throws(DecodingFault) -> UnsafeRawBufferPointer {
    let length = try readVarint()
    guard let value = readBytes(length) else { throw .valueBeyondEnd(claimed: length, available: remaining) }
    return value
  }

  @inlinable
  mutating func readHeaders() throws(DecodingFault) -> UnsafeRawBufferPointer {
    let length = try readVarint()
    guard let headers = readBytes(length) else { throw .headersBeyondEnd(claimed: length, available: remaining) }
    try RecordHeadersView.walk(headers) { _, _ in }
    return headers
  }
}
