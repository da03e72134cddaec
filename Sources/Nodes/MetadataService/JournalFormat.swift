import Simulation
import Storage

/// The journal's bytes: entries of u32 length, u32 CRC-32 of what follows, then the effect; integers little-endian.
///
/// A torn tail ends the journal: nothing in it was ever answered.
enum JournalFormat {
  static func encode(_ effect: MetadataEffect, into journal: inout [UInt8]) {
    var writer = JournalWriter()
    writer.effect(effect)
    let checksum = writer.bytes.withUnsafeBytes { Checksum.crc32($0) }
    var head = JournalWriter()
    head.integer(UInt32(writer.bytes.count))
    head.integer(checksum)
    journal += head.bytes
    journal += writer.bytes
  }

  /// Reads the effects of a journal, and how many of its bytes they take.
  static func decode(_ journal: [UInt8]) -> (effects: [MetadataEffect], length: Int) {
    var effects: [MetadataEffect] = []
    var position = 0
    while true {
      var head = JournalReader(bytes: journal, position: position)
      guard let length = head.integer(UInt32.self), let checksum = head.integer(UInt32.self) else { break }
      let begin = position + 8
      guard Int(length) <= journal.count - begin else { break }
      let body = Array(journal[begin..<(begin + Int(length))])
      guard body.withUnsafeBytes({ Checksum.crc32($0) }) == checksum else { break }
      var reader = JournalReader(bytes: body, position: 0)
      guard let effect = reader.effect() else { break }
      effects.append(effect)
      position = begin + Int(length)
    }
    return (effects, position)
  }
}

/// Writes the fields of journal entries.
struct JournalWriter {
  private(set) var bytes: [UInt8] = []

  mutating func integer<Number: FixedWidthInteger>(_ value: Number) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func array(_ value: [UInt8]) {
    integer(UInt32(value.count))
    bytes += value
  }

  mutating func partition(_ value: TopicPartition) {
    integer(value.topic.rawValue)
    integer(value.index)
  }

  mutating func batch(_ batch: StoredBatch) {
    integer(batch.producer.id)
    integer(batch.producer.epoch)
    integer(batch.sequence)
    integer(batch.count)
    integer(batch.offset)
  }

  mutating func row(_ row: SegmentRow) {
    for number in [row.base, row.end, row.recordCount, row.size, row.epoch] { integer(number) }
    array(row.key.bytes)
  }

  mutating func effect(_ effect: MetadataEffect) {
    switch effect {
    case .topicCreated(let name, let logStarts):
      integer(UInt8(1))
      array(Array(name.utf8))
      integer(UInt32(logStarts.count))
      for start in logStarts { integer(start) }
    case .leaseGranted(let partition, let epoch, let holder, let request):
      integer(UInt8(2))
      self.partition(partition)
      integer(epoch)
      integer(holder.agent.rawValue)
      integer(UInt64(holder.incarnation))
      integer(request)
    case .leaseReleased(let partition):
      integer(UInt8(3))
      self.partition(partition)
    case .epochFenced(let partition, let epoch):
      integer(UInt8(4))
      self.partition(partition)
      integer(epoch)
    case .segmentRegistered(let partition, let row, let batches):
      integer(UInt8(5))
      self.partition(partition)
      self.row(row)
      integer(UInt32(batches.count))
      for batch in batches { self.batch(batch) }
    case .offsetsCommitted(let group, let offsets):
      integer(UInt8(6))
      array(Array(group.utf8))
      integer(UInt32(offsets.count))
      for offset in offsets {
        partition(offset.partition)
        integer(offset.offset)
      }
    case .agents(let effect):
      integer(UInt8(50))
      agentEffect(effect)
    case .producerInitialized(let name, let producer):
      integer(UInt8(7))
      array(Array(name.utf8))
      integer(producer.identity.id)
      integer(producer.identity.epoch)
      integer(producer.by.rawValue)
      integer(UInt64(producer.incarnation))
      integer(producer.request)
    }
  }
}

/// Reads the fields of journal entries; every field is nil where the bytes end.
struct JournalReader {
  let bytes: [UInt8]
  var position: Int

  mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    let size = MemoryLayout<Number>.size
    guard bytes.count - position >= size else { return nil }
    let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Number.self) }
    position += size
    return Number(littleEndian: value)
  }

  mutating func array() -> [UInt8]? {
    guard let count = integer(UInt32.self), Int(count) <= bytes.count - position else { return nil }
    defer { position += Int(count) }
    return Array(bytes[position..<(position + Int(count))])
  }

  mutating func text() -> String? { array().map { String(decoding: $0, as: UTF8.self) } }

  mutating func partition() -> TopicPartition? {
    guard let topic = integer(UInt32.self), let index = integer(UInt32.self) else { return nil }
    return TopicPartition(topic: TopicID(rawValue: topic), index: index)
  }

  mutating func list<Element>(_ element: (inout Self) -> Element?) -> [Element]? {
    guard let count = integer(UInt32.self) else { return nil }
    var elements: [Element] = []
    for _ in 0..<count {
      guard let next = element(&self) else { return nil }
      elements.append(next)
    }
    return elements
  }

  mutating func batch() -> StoredBatch? {
    guard let id = integer(UInt64.self), let epoch = integer(UInt32.self), let sequence = integer(UInt64.self),
      let count = integer(UInt64.self), let offset = integer(UInt64.self)
    else { return nil }
    return StoredBatch(
      producer: ProducerIdentity(id: id, epoch: epoch), sequence: sequence, count: count, offset: offset)
  }

  mutating func row() -> SegmentRow? {
    guard let base = integer(UInt64.self), let end = integer(UInt64.self), let count = integer(UInt64.self),
      let size = integer(UInt64.self), let epoch = integer(UInt64.self), let key = text()
    else { return nil }
    return SegmentRow(base: base, end: end, recordCount: count, size: size, epoch: epoch, key: ObjectKey(key))
  }

  mutating func effect() -> MetadataEffect? {
    switch integer(UInt8.self) {
    case 1:
      guard let name = text(), let starts = list({ $0.integer(UInt64.self) }) else { return nil }
      return .topicCreated(name: name, logStarts: starts)
    case 2: return grant()
    case 3: return partition().map { .leaseReleased($0) }
    case 4:
      guard let partition = partition(), let epoch = integer(UInt64.self) else { return nil }
      return .epochFenced(partition, epoch: epoch)
    case 5:
      guard let partition = partition(), let row = row(), let batches = list({ $0.batch() }) else { return nil }
      return .segmentRegistered(partition, row, batches)
    case 6:
      guard let group = text(), let offsets = list({ $0.committedOffset() }) else { return nil }
      return .offsetsCommitted(group: group, offsets)
    case 7: return producer()
    case 50: return agentEffect().map { .agents($0) }
    default: return nil
    }
  }

  private mutating func committedOffset() -> CommittedOffset? {
    guard let partition = partition(), let offset = integer(UInt64.self) else { return nil }
    return CommittedOffset(partition: partition, offset: offset)
  }

  private mutating func grant() -> MetadataEffect? {
    guard let partition = partition(), let epoch = integer(UInt64.self), let agent = integer(UInt32.self),
      let incarnation = integer(UInt64.self), let request = integer(UInt64.self)
    else { return nil }
    let holder = AgentIncarnation(agent: HostID(rawValue: agent), incarnation: Int(truncatingIfNeeded: incarnation))
    return .leaseGranted(partition, epoch: epoch, holder: holder, request: request)
  }

  private mutating func producer() -> MetadataEffect? {
    guard let name = text(), let id = integer(UInt64.self), let epoch = integer(UInt32.self),
      let by = integer(UInt32.self), let incarnation = integer(UInt64.self), let request = integer(UInt64.self)
    else { return nil }
    return .producerInitialized(
      name: name,
      MetadataState.NamedProducer(
        identity: ProducerIdentity(id: id, epoch: epoch), by: HostID(rawValue: by),
        incarnation: Int(truncatingIfNeeded: incarnation), request: request))
  }
}
