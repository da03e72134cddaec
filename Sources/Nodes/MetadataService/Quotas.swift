import Simulation

/// The quotas that the metadata service holds.
struct QuotaTable: StatePart {
  static let tag: UInt8 = 50

  struct Entry: Sendable, Hashable {
    var subject: QuotaSubject
    /// Bytes a second; nil for one that was removed, whose revision stays known.
    var bytesPerSecond: UInt64?
    var revision: UInt64
  }

  /// In order of the subjects.
  private(set) var entries: [Entry] = []

  init() {}

  subscript(_ subject: QuotaSubject) -> Entry? { entries.first { $0.subject == subject } }

  mutating func set(_ entry: Entry) {
    let place = entries.firstIndex { !($0.subject < entry.subject) } ?? entries.count
    if place < entries.count, entries[place].subject == entry.subject {
      entries[place] = entry
    } else {
      entries.insert(entry, at: place)
    }
  }

  // MARK: Snapshot

  func encode(into writer: inout JournalWriter) { writer.list(entries) { $0.quota($1) } }

  init?(from reader: inout JournalReader) {
    guard let entries = reader.list({ $0.quota() }) else { return nil }
    self.entries = entries
  }

  var picture: Snapshot.Field {
    Snapshot.Field(
      "quotas",
      .list(
        entries.map { .text("\($0.subject): \($0.bytesPerSecond.map { "\($0)" } ?? "none"), revision \($0.revision)") })
    )
  }
}

/// A change of what concerns agents, as the journal holds it.
enum AgentEffect: Sendable {
  /// A quota was set, or removed.
  case quotaSet(QuotaTable.Entry)

  /// How the journal tells these effects from others.
  static let tags: ClosedRange<UInt8> = 50...59
}

extension MetadataService {
  func setQuota(_ request: SetQuota) async throws -> SetQuota.Response {
    try begin()
    if request.bytesPerSecond == 0 { throw MetadataError.invalid }
    if case .topic(let topic) = request.subject, !state.topics.partitions.contains(where: { $0.topic == topic }) {
      throw MetadataError.noSuchTopic
    }
    let entry = QuotaTable.Entry(
      subject: request.subject, bytesPerSecond: request.bytesPerSecond, revision: request.revision)
    if let known = state.quotas[request.subject], known.revision >= request.revision {
      guard known == entry else { throw MetadataError.staleRequest }
    } else {
      commit(.agents(.quotaSet(entry)), announcing: nil)
    }
    try await journal.settled()
    return SetQuota.Response()
  }

  /// An agent's shares of the quotas: of a client's an equal part for each living agent, of a topic's as much as it leads of the topic, and one partition's where it leads none, since it may lead one before it reports again; a byte a second at the least.
  func quotaShares(of agent: HostID) -> [Quota] {
    guard !state.quotas.entries.isEmpty else { return [] }
    let agents = UInt64(max(liveAgents.count, 1))
    return state.quotas.entries.compactMap { entry in
      guard let bytes = entry.bytesPerSecond else { return nil }
      switch entry.subject {
      case .client: return Quota(subject: entry.subject, bytesPerSecond: max(bytes / agents, 1))
      case .topic(let topic):
        let all = UInt64(max(state.topics.partitions.count { $0.topic == topic }, 1))
        let led = UInt64(
          state.topics.partitions.count { partition in
            partition.topic == topic && state.topics.read(partition) { $0.holder?.agent } == agent
          })
        let share = bytes.multipliedFullWidth(by: max(led, 1))
        return Quota(subject: entry.subject, bytesPerSecond: max(all.dividingFullWidth(share).quotient, 1))
      }
    }
  }
}

// MARK: - Journal

extension JournalWriter {
  mutating func effect(_ effect: AgentEffect) {
    switch effect {
    case .quotaSet(let entry):
      integer(UInt8(50))
      quota(entry)
    }
  }

  mutating func quota(_ entry: QuotaTable.Entry) {
    switch entry.subject {
    case .client(let host):
      integer(UInt8(1))
      integer(host.rawValue)
    case .topic(let topic):
      integer(UInt8(2))
      integer(topic.rawValue)
    }
    optional(entry.bytesPerSecond) { $0.integer($1) }
    integer(entry.revision)
  }
}

extension JournalReader {
  mutating func agentEffect(_ tag: UInt8) -> AgentEffect? {
    switch tag {
    case 50: quota().map { .quotaSet($0) }
    default: nil
    }
  }

  mutating func quota() -> QuotaTable.Entry? {
    guard let kind = integer(UInt8.self), let number = integer(UInt32.self),
      let bytes = optional({ $0.integer(UInt64.self) }), let revision = integer(UInt64.self)
    else { return nil }
    switch kind {
    case 1:
      return QuotaTable.Entry(
        subject: .client(HostID(rawValue: number)), bytesPerSecond: bytes, revision: revision)
    case 2:
      return QuotaTable.Entry(
        subject: .topic(TopicID(rawValue: number)), bytesPerSecond: bytes, revision: revision)
    default: return nil
    }
  }
}
