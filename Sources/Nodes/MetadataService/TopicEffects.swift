import Simulation

/// A change of topics or of their old segments.
enum TopicEffect: Sendable {
  /// The topics that the service begins with are there, all of them.
  case initialized
  case deleted(TopicID)
  case altered(TopicID, TopicSettings, by: MetadataState.Grant)
  /// The rows below an offset are gone.
  case logStartRaised(TopicPartition, to: UInt64)
  /// Objects without rows are deleted.
  case objectsRemoved([ObjectKey])
  case compactionClaimed(TopicPartition, MetadataState.CompactionIntent)
  /// A compaction came to nothing.
  case compactionEnded(TopicPartition, intent: UInt64)
  case rowsSwapped(TopicPartition, intent: UInt64, [RowReplacement])

  /// The tags of these effects among all of a journal.
  static let tags: ClosedRange<UInt8> = 40...49
}

extension JournalWriter {
  mutating func effect(_ effect: TopicEffect) {
    switch effect {
    case .initialized: integer(UInt8(40))
    case .deleted(let topic):
      integer(UInt8(41))
      integer(topic.rawValue)
    case .altered(let topic, let settings, let by):
      integer(UInt8(42))
      integer(topic.rawValue)
      self.settings(settings)
      grant(by)
    case .logStartRaised(let partition, let offset):
      integer(UInt8(43))
      self.partition(partition)
      integer(offset)
    case .objectsRemoved(let keys):
      integer(UInt8(44))
      list(keys) { $0.key($1) }
    case .compactionClaimed(let partition, let intent):
      integer(UInt8(45))
      self.partition(partition)
      self.intent(intent)
    case .compactionEnded(let partition, let intent):
      integer(UInt8(46))
      self.partition(partition)
      integer(intent)
    case .rowsSwapped(let partition, let intent, let replacements):
      integer(UInt8(47))
      self.partition(partition)
      integer(intent)
      list(replacements) { writer, replacement in
        writer.list(replacement.old) { $0.row($1) }
        writer.row(replacement.new)
      }
    }
  }

  mutating func settings(_ settings: TopicSettings) {
    optional(settings.retentionTime) { $0.integer($1.nanoseconds) }
    optional(settings.retentionBytes) { $0.integer($1) }
    integer(UInt8(settings.cleanup == .compact ? 1 : 0))
    integer(settings.tombstoneRetention.nanoseconds)
  }

  mutating func grant(_ grant: MetadataState.Grant) {
    incarnation(grant.to)
    integer(grant.request)
  }

  mutating func intent(_ intent: MetadataState.CompactionIntent) {
    integer(intent.id)
    grant(intent.by)
    integer(intent.end)
  }
}

extension JournalReader {
  mutating func topicEffect(_ tag: UInt8) -> TopicEffect? {
    switch tag {
    case 40: return .initialized
    case 41: return topic().map { .deleted($0) }
    case 42:
      guard let topic = topic(), let settings = settings(), let by = grant() else { return nil }
      return .altered(topic, settings, by: by)
    case 43:
      guard let partition = partition(), let offset = integer(UInt64.self) else { return nil }
      return .logStartRaised(partition, to: offset)
    case 44: return list { $0.key() }.map { .objectsRemoved($0) }
    case 45:
      guard let partition = partition(), let intent = intent() else { return nil }
      return .compactionClaimed(partition, intent)
    case 46:
      guard let partition = partition(), let intent = integer(UInt64.self) else { return nil }
      return .compactionEnded(partition, intent: intent)
    case 47:
      guard let partition = partition(), let intent = integer(UInt64.self), let replacements = replacements() else {
        return nil
      }
      return .rowsSwapped(partition, intent: intent, replacements)
    default: return nil
    }
  }

  private mutating func topic() -> TopicID? { integer(UInt32.self).map { TopicID(rawValue: $0) } }

  private mutating func replacements() -> [RowReplacement]? {
    list { reader in
      guard let old = reader.list({ $0.row() }), let new = reader.row() else { return nil }
      return RowReplacement(old: old, new: new)
    }
  }

  mutating func settings() -> TopicSettings? {
    guard let time = optional({ $0.integer(Int64.self) }), let bytes = optional({ $0.integer(UInt64.self) }),
      let cleanup = integer(UInt8.self), let tombstones = integer(Int64.self)
    else { return nil }
    var settings = TopicSettings()
    settings.retentionTime = time.map { .nanoseconds($0) }
    settings.retentionBytes = bytes
    settings.cleanup = cleanup == 1 ? .compact : .delete
    settings.tombstoneRetention = .nanoseconds(tombstones)
    return settings
  }

  mutating func grant() -> MetadataState.Grant? {
    guard let holder = incarnation(), let request = integer(UInt64.self) else { return nil }
    return MetadataState.Grant(to: holder, request: request)
  }

  mutating func intent() -> MetadataState.CompactionIntent? {
    guard let id = integer(UInt64.self), let by = grant(), let end = integer(UInt64.self) else { return nil }
    return MetadataState.CompactionIntent(id: id, by: by, end: end)
  }
}
