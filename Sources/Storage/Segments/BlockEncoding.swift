extension ReusableBuffer {
  /// Appends a record as version 1 has it; the differences are to the record before.
  @inlinable @inline(__always)
  mutating func appendVersionOne(
    offsetDelta: UInt64, timestampDelta: UInt64, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
  ) {
    write(atMost: key.count + value.count + 4 * ByteWriter.maximumVarintSize) { writer in
      writer.writeSignedVarint(offsetDelta)
      writer.writeSignedVarint(timestampDelta)
      writer.writeVarint(UInt64(key.count))
      writer.writeBytes(key)
      writer.writeVarint(UInt64(value.count))
      writer.writeBytes(value)
    }
  }

  /// Appends a record as version 2 has it; `previousProducer` is that of the record before in the block.
  mutating func appendVersionTwo(
    offsetDelta: UInt64, timestampDelta: UInt64, record: RecordView, previousProducer: ProducerStamp?
  ) {
    let content = (record.key?.count ?? 0) + record.value.count + record.headers.bytes.count
    let continues = record.producer.map { $0.follows(previousProducer) } ?? false
    var flags: UInt8 = 0
    if record.key != nil { flags |= RecordFlags.key }
    if !record.headers.isEmpty { flags |= RecordFlags.headers }
    if record.producer != nil { flags |= continues ? RecordFlags.sameProducer : RecordFlags.newProducer }
    write(atMost: 1 + content + 8 * ByteWriter.maximumVarintSize) { writer in
      writer.writeByte(flags)
      writer.writeSignedVarint(offsetDelta)
      writer.writeSignedVarint(timestampDelta)
      if let producer = record.producer, !continues {
        writer.writeVarint(producer.id)
        writer.writeVarint(UInt64(producer.epoch))
        writer.writeVarint(producer.sequence)
      }
      if let key = record.key {
        writer.writeVarint(UInt64(key.count))
        writer.writeBytes(key)
      }
      writer.writeVarint(UInt64(record.value.count))
      writer.writeBytes(record.value)
      if !record.headers.isEmpty {
        writer.writeVarint(UInt64(record.headers.bytes.count))
        writer.writeBytes(record.headers.bytes)
      }
    }
  }
}

extension ProducerStamp {
  /// True when this is the record that the same producer sent just after `previous`.
  fileprivate func follows(_ previous: ProducerStamp?) -> Bool {
    guard let previous else { return false }
    return previous.id == id && previous.epoch == epoch && previous.sequence &+ 1 == sequence
  }
}
