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

  /// Appends bytes whose length the reader knows.
  mutating func append(_ value: [UInt8]) { bytes += value }

  mutating func text(_ value: String) { array(Array(value.utf8)) }

  mutating func list<Element>(_ elements: [Element], _ write: (inout Self, Element) -> Void) {
    integer(UInt32(elements.count))
    for element in elements { write(&self, element) }
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
    for number in [row.base, row.end, row.recordCount, row.size, row.epoch, row.registeredAt, row.compaction] {
      integer(number)
    }
    key(row.key)
  }

  mutating func key(_ value: ObjectKey) { array(value.bytes) }

  mutating func optional<Value>(_ value: Value?, _ write: (inout Self, Value) -> Void) {
    integer(UInt8(value == nil ? 0 : 1))
    if let value { write(&self, value) }
  }

  mutating func incarnation(_ value: AgentIncarnation) {
    integer(value.agent.rawValue)
    integer(UInt64(value.incarnation))
  }

  mutating func committedOffset(_ value: CommittedOffset) {
    partition(value.partition)
    integer(value.offset)
  }

  mutating func producer(_ value: MetadataState.NamedProducer) {
    integer(value.identity.id)
    integer(value.identity.epoch)
    integer(value.by.rawValue)
    integer(UInt64(value.incarnation))
    integer(value.request)
  }

  mutating func effect(_ effect: MetadataEffect) {
    switch effect {
    case .topicCreated(let name, let logStarts, let settings, let by):
      integer(UInt8(1))
      text(name)
      list(logStarts) { $0.integer($1) }
      self.settings(settings)
      optional(by) { $0.grant($1) }
    case .leaseGranted(let partition, let epoch, let holder, let request):
      integer(UInt8(2))
      self.partition(partition)
      integer(epoch)
      incarnation(holder)
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
      list(batches) { $0.batch($1) }
    case .watermarkSet(let partition, let offset):
      integer(UInt8(8))
      self.partition(partition)
      integer(offset)
    case .offsetsCommitted(let group, let offsets, let by):
      integer(UInt8(6))
      text(group)
      list(offsets) { $0.committedOffset($1) }
      commit(by)
    case .group(let effect): self.effect(effect)
    case .agents(let effect): self.effect(effect)
    case .producerInitialized(let name, let producer):
      integer(UInt8(7))
      text(name)
      self.producer(producer)
    case .topic(let effect): self.effect(effect)
    case .transaction(let effect): self.effect(effect)
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

  mutating func key() -> ObjectKey? { text().map { ObjectKey($0) } }

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

  /// The value, or nil in it for none; nil where the bytes end.
  mutating func optional<Value>(_ read: (inout Self) -> Value?) -> Value?? {
    switch integer(UInt8.self) {
    case 0: return .some(nil)
    case 1: return read(&self).map { .some($0) }
    default: return nil
    }
  }

  mutating func incarnation() -> AgentIncarnation? {
    guard let agent = integer(UInt32.self), let incarnation = integer(UInt64.self) else { return nil }
    return AgentIncarnation(agent: HostID(rawValue: agent), incarnation: Int(truncatingIfNeeded: incarnation))
  }

  mutating func committedOffset() -> CommittedOffset? {
    guard let partition = partition(), let offset = integer(UInt64.self) else { return nil }
    return CommittedOffset(partition: partition, offset: offset)
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
      let size = integer(UInt64.self), let epoch = integer(UInt64.self), let registeredAt = integer(UInt64.self),
      let compaction = integer(UInt64.self), let key = key()
    else { return nil }
    var row = SegmentRow(base: base, end: end, recordCount: count, size: size, epoch: epoch, key: key)
    row.registeredAt = registeredAt
    row.compaction = compaction
    return row
  }

  mutating func effect() -> MetadataEffect? {
    switch integer(UInt8.self) {
    case 1:
      guard let name = text(), let starts = list({ $0.integer(UInt64.self) }), let settings = settings(),
        let by = optional({ $0.grant() })
      else { return nil }
      return .topicCreated(name: name, logStarts: starts, settings: settings, by: by)
    case 2: return leaseGrant()
    case 3: return partition().map { .leaseReleased($0) }
    case 4:
      guard let partition = partition(), let epoch = integer(UInt64.self) else { return nil }
      return .epochFenced(partition, epoch: epoch)
    case 5:
      guard let partition = partition(), let row = row(), let batches = list({ $0.batch() }) else { return nil }
      return .segmentRegistered(partition, row, batches)
    case 6:
      guard let group = text(), let offsets = list({ $0.committedOffset() }), let by = commit() else { return nil }
      return .offsetsCommitted(group: group, offsets, by: by)
    case 7:
      guard let name = text(), let producer = producer() else { return nil }
      return .producerInitialized(name: name, producer)
    case 8:
      guard let partition = partition(), let offset = integer(UInt64.self) else { return nil }
      return .watermarkSet(partition, offset)
    case let tag? where GroupEffect.tags.contains(tag): return groupEffect(tag).map { .group($0) }
    case let tag? where AgentEffect.tags.contains(tag): return agentEffect(tag).map { .agents($0) }
    case let tag? where TopicEffect.tags.contains(tag): return topicEffect(tag).map { .topic($0) }
    case let tag? where TransactionEffect.tags.contains(tag): return transactionEffect(tag).map { .transaction($0) }
    default: return nil
    }
  }

  private mutating func leaseGrant() -> MetadataEffect? {
    guard let partition = partition(), let epoch = integer(UInt64.self), let holder = incarnation(),
      let request = integer(UInt64.self)
    else { return nil }
    return .leaseGranted(partition, epoch: epoch, holder: holder, request: request)
  }

  mutating func producer() -> MetadataState.NamedProducer? {
    guard let id = integer(UInt64.self), let epoch = integer(UInt32.self), let by = integer(UInt32.self),
      let incarnation = integer(UInt64.self), let request = integer(UInt64.self)
    else { return nil }
    return MetadataState.NamedProducer(
      identity: ProducerIdentity(id: id, epoch: epoch), by: HostID(rawValue: by),
      incarnation: Int(truncatingIfNeeded: incarnation), request: request)
  }
}
