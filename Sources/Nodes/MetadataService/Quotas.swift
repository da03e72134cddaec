import Simulation

/// The quotas that the metadata service holds.
struct QuotaTable: Sendable {
  struct Entry: Sendable, Hashable {
    var subject: QuotaSubject
    /// Bytes a second; nil for one that was removed, whose revision stays known.
    var bytesPerSecond: UInt64?
    var revision: UInt64
  }

  /// In order of the subjects.
  private(set) var entries: [Entry] = []

  subscript(_ subject: QuotaSubject) -> Entry? { entries.first { $0.subject == subject } }

  mutating func set(_ entry: Entry) {
    let place = entries.firstIndex { !($0.subject < entry.subject) } ?? entries.count
    if place < entries.count, entries[place].subject == entry.subject {
      entries[place] = entry
    } else {
      entries.insert(entry, at: place)
    }
  }
}

/// A change of what concerns agents, as the journal holds it.
enum AgentEffect: Sendable {
  case quotaSet(QuotaTable.Entry)
}

extension MetadataService {
  func setQuota(_ request: SetQuota) async throws -> SetQuota.Response {
    try begin()
    if request.bytesPerSecond == 0 { throw MetadataError.invalid }
    if case .topic(let topic) = request.subject, !state.topics.contains(where: { $0.id == topic }) {
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

  /// An agent's shares of the quotas: of a client's an equal part for each living agent, of a topic's as much as it leads of the topic; a byte a second at the least.
  func quotaShares(of agent: HostID) -> [Quota] {
    guard !state.quotas.entries.isEmpty else { return [] }
    let agents = UInt64(max(liveAgents.count, 1))
    return state.quotas.entries.compactMap { entry in
      guard let bytes = entry.bytesPerSecond else { return nil }
      switch entry.subject {
      case .client: return Quota(subject: entry.subject, bytesPerSecond: max(bytes / agents, 1))
      case .topic(let topic):
        let all = UInt64(state.topics.first { $0.id == topic }?.partitions.count ?? 1)
        let led = UInt64(state.partitions.count { $0.topic == topic && state[$0]?.holder?.agent == agent })
        let share = bytes.multipliedFullWidth(by: led)
        return Quota(subject: entry.subject, bytesPerSecond: max(all.dividingFullWidth(share).quotient, 1))
      }
    }
  }
}

// MARK: - Journal

extension JournalWriter {
  mutating func agentEffect(_ effect: AgentEffect) {
    switch effect {
    case .quotaSet(let entry):
      integer(UInt8(1))
      switch entry.subject {
      case .client(let host):
        integer(UInt8(1))
        integer(host.rawValue)
      case .topic(let topic):
        integer(UInt8(2))
        integer(topic.rawValue)
      }
      // A quota of nothing is refused, so that 0 can stand for none.
      integer(entry.bytesPerSecond ?? 0)
      integer(entry.revision)
    }
  }
}

extension JournalReader {
  mutating func agentEffect() -> AgentEffect? {
    guard integer(UInt8.self) == 1, let kind = integer(UInt8.self), let number = integer(UInt32.self),
      let bytes = integer(UInt64.self), let revision = integer(UInt64.self)
    else { return nil }
    let subject: QuotaSubject
    switch kind {
    case 1: subject = .client(HostID(rawValue: number))
    case 2: subject = .topic(TopicID(rawValue: number))
    default: return nil
    }
    return .quotaSet(
      QuotaTable.Entry(subject: subject, bytesPerSecond: bytes == 0 ? nil : bytes, revision: revision))
  }
}
