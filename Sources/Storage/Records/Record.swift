/// A name and a value that travel with a record, for example a trace id.
public struct RecordHeader: Sendable, Hashable {
  /// The name: any bytes, usually UTF-8.
  public var name: [UInt8]
  /// The value: any bytes.
  public var value: [UInt8]

  /// Makes a header from its name and value.
  public init(name: [UInt8], value: [UInt8]) {
    self.name = name
    self.value = value
  }
}

/// Who sent a record, for the detection of duplicates.
public struct ProducerStamp: Sendable, Hashable {
  /// The producer's id; never 0, which stands for "no producer".
  public var id: UInt64
  /// The producer's epoch: a greater one fences the ones before.
  public var epoch: UInt32
  /// The record's place in what this producer sent to the partition.
  public var sequence: UInt64

  /// Makes a stamp from its parts.
  public init(id: UInt64, epoch: UInt32, sequence: UInt64) {
    self.id = id
    self.epoch = epoch
    self.sequence = sequence
  }
}

/// One event of a partition, owning its bytes.
///
/// Where many records are only looked at, `RecordView` does without the copies.
public struct Record: Sendable, Hashable {
  /// The record's place in its partition.
  public var offset: UInt64
  /// When the record happened, in milliseconds; any 64 bits are kept.
  public var timestamp: UInt64
  /// What the record is about, or nil. Segments of version 1 keep an empty key as nil.
  public var key: [UInt8]?
  /// The content; an empty value with a key marks the key as deleted.
  public var value: [UInt8]
  /// Names and values beside the content. Segments of version 1 have no room for them.
  public var headers: [RecordHeader]
  /// Who sent the record, where that is known. Segments of version 1 have no room for it.
  public var producer: ProducerStamp?

  /// Makes a record without headers or producer.
  public init(offset: UInt64, timestamp: UInt64, key: [UInt8]?, value: [UInt8]) {
    self.init(offset: offset, timestamp: timestamp, key: key, value: value, headers: [], producer: nil)
  }

  /// Makes a record from all its parts.
  public init(
    offset: UInt64, timestamp: UInt64, key: [UInt8]?, value: [UInt8], headers: [RecordHeader],
    producer: ProducerStamp? = nil
  ) {
    self.offset = offset
    self.timestamp = timestamp
    self.key = key
    self.value = value
    self.headers = headers
    self.producer = producer
  }
}
