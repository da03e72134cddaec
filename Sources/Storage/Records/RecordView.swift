/// One record in memory that belongs to a reader: valid only inside the closure that it is handed to.
@frozen
public struct RecordView {
  /// The record's place in its partition.
  public let offset: UInt64
  /// When the record happened, in milliseconds.
  public let timestamp: UInt64
  /// The key's bytes, or nil.
  public let key: UnsafeRawBufferPointer?
  /// The value's bytes.
  public let value: UnsafeRawBufferPointer
  /// The headers; always empty in segments of version 1.
  public let headers: RecordHeadersView
  /// Who sent the record; always nil in segments of version 1.
  public let producer: ProducerStamp?

  @inlinable @inline(__always)
  init(
    offset: UInt64, timestamp: UInt64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer,
    headers: RecordHeadersView, producer: ProducerStamp?
  ) {
    self.offset = offset
    self.timestamp = timestamp
    self.key = key
    self.value = value
    self.headers = headers
    self.producer = producer
  }

  /// The same record as sent by another producer, or by none.
  @inlinable
  func stamped(_ producer: ProducerStamp?) -> RecordView {
    RecordView(
      offset: offset, timestamp: timestamp, key: key, value: value, headers: headers, producer: producer)
  }

  /// Copies the record, so that it outlives the closure.
  ///
  /// - Throws: `DecodingFault` when the headers are damaged.
  public func copied() throws(DecodingFault) -> Record {
    Record(
      offset: offset, timestamp: timestamp, key: key.map { [UInt8]($0) }, value: [UInt8](value),
      headers: headers.isEmpty ? [] : try headers.decoded(), producer: producer)
  }
}
