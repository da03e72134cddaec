import Simulation

/// A change of a group's members or of what they own.
enum GroupEffect: Sendable {
  /// A member came, or came back with another holder or other topics.
  case memberPut(group: String, GroupAssignor, ConsumerGroups.Member)
  /// A member left, or was taken for dead.
  case memberRemoved(group: String, member: UInt64, generation: UInt64)
  /// What a member owns from now on.
  case owned(group: String, member: UInt64, generation: UInt64, [TopicPartition])

  /// The tags of these effects among all of a journal.
  static let tags: ClosedRange<UInt8> = 20...29

  var group: String {
    switch self {
    case .memberPut(let group, _, _), .memberRemoved(let group, _, _), .owned(let group, _, _, _): group
    }
  }
}

extension JournalWriter {
  mutating func effect(_ effect: GroupEffect) {
    switch effect {
    case .memberPut(let group, let assignor, let member):
      integer(UInt8(20))
      text(group)
      text(assignor.rawValue)
      self.member(member)
    case .memberRemoved(let group, let member, let generation):
      integer(UInt8(21))
      text(group)
      integer(member)
      integer(generation)
    case .owned(let group, let member, let generation, let partitions):
      integer(UInt8(22))
      text(group)
      integer(member)
      integer(generation)
      list(partitions) { $0.partition($1) }
    }
  }

  mutating func joining(_ joining: ConsumerGroups.Joining) {
    integer(joining.host.rawValue)
    integer(UInt64(joining.incarnation))
    integer(joining.request)
  }

  mutating func member(_ member: ConsumerGroups.Member) {
    integer(member.id)
    optional(member.instance) { $0.text($1) }
    joining(member.joining)
    list(member.topics) { $0.text($1) }
    integer(member.sessionTimeout.nanoseconds)
    integer(member.generation)
    list(member.owned) { writer, owned in
      writer.partition(owned.partition)
      writer.integer(owned.since)
    }
  }
}

extension JournalReader {
  mutating func groupEffect(_ tag: UInt8) -> GroupEffect? {
    guard let group = text() else { return nil }
    switch tag {
    case 20:
      guard let assignor = text().flatMap({ GroupAssignor(rawValue: $0) }), let member = member() else { return nil }
      return .memberPut(group: group, assignor, member)
    case 21:
      guard let member = integer(UInt64.self), let generation = integer(UInt64.self) else { return nil }
      return .memberRemoved(group: group, member: member, generation: generation)
    case 22:
      guard let member = integer(UInt64.self), let generation = integer(UInt64.self),
        let partitions = list({ $0.partition() })
      else { return nil }
      return .owned(group: group, member: member, generation: generation, partitions)
    default: return nil
    }
  }

  mutating func joining() -> ConsumerGroups.Joining? {
    guard let host = integer(UInt32.self), let incarnation = integer(UInt64.self), let request = integer(UInt64.self)
    else { return nil }
    return ConsumerGroups.Joining(
      host: HostID(rawValue: host), incarnation: Int(truncatingIfNeeded: incarnation), request: request)
  }

  mutating func member() -> ConsumerGroups.Member? {
    guard let id = integer(UInt64.self), let instance = optional({ $0.text() }), let joining = joining(),
      let topics = list({ $0.text() }), let timeout = integer(Int64.self), let generation = integer(UInt64.self),
      let owned = list({ reader -> ConsumerGroups.OwnedPartition? in
        guard let partition = reader.partition(), let since = reader.integer(UInt64.self) else { return nil }
        return ConsumerGroups.OwnedPartition(partition: partition, since: since)
      })
    else { return nil }
    return ConsumerGroups.Member(
      id: id, instance: instance, joining: joining, topics: topics,
      sessionTimeout: VirtualDuration(nanoseconds: timeout), generation: generation, owned: owned)
  }
}
