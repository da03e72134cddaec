import Simulation

/// Groups of consumers with their members, as the metadata service must not forget them.
///
/// A group's generation rises with every member that comes, returns or goes, and with every change of what a member owns; it never falls, also when nobody is left.
struct ConsumerGroups: StatePart {
  static let tag: UInt8 = 20

  struct Group: Sendable {
    var name: String
    var generation: UInt64 = 0
    var assignor = GroupAssignor.sticky
    /// In order of their numbers.
    var members: [Member] = []
    /// The latest joining of each machine, by which repeated and late requests are known. In order of the machines.
    var joins: [Joining] = []
  }

  struct Joining: Sendable, Hashable {
    var host: HostID
    var incarnation: Int
    var request: UInt64
  }

  struct Member: Sendable {
    /// Unique in the group, for ever: the generation in which it first joined.
    var id: UInt64
    var instance: String?
    /// Who it is now; a static member may come back as another.
    var joining: Joining
    var topics: [String]
    var sessionTimeout: VirtualDuration
    /// The generation of its latest share.
    var generation: UInt64
    /// What it owns: nobody else may be given that. In order of the partitions.
    var owned: [OwnedPartition] = []

    var partitions: [TopicPartition] { owned.map(\.partition) }
  }

  struct OwnedPartition: Sendable, Hashable {
    var partition: TopicPartition
    /// The generation since which it is owned without a break.
    var since: UInt64
  }

  /// In the order in which they came to be.
  private(set) var groups: [Group] = []

  init() {}

  subscript(_ name: String) -> Group? { groups.first { $0.name == name } }

  /// Whether a commit is fenced off: nil when it may be stored.
  func refusal(
    of partition: TopicPartition, group name: String, by membership: GroupMembership?, from sender: Sender
  ) -> MetadataError? {
    let group = self[name]
    guard let membership else {
      // Offsets are shared only where no group protocol is used.
      return group?.members.isEmpty ?? true ? nil : .unknownMember
    }
    guard let member = group?[membership.member], member.isHeld(by: sender) else { return .unknownMember }
    guard let owned = member.owned.first(where: { $0.partition == partition }), owned.since <= membership.generation,
      membership.generation <= member.generation
    else { return .commitFenced(current: member.generation) }
    return nil
  }

  // MARK: Changes

  mutating func apply(_ effect: GroupEffect) {
    let name = effect.group
    let place = groups.firstIndex { $0.name == name } ?? groups.count
    if place == groups.count { groups.append(Group(name: name)) }
    groups[place].apply(effect)
  }

  // MARK: Snapshot

  func encode(into writer: inout JournalWriter) {
    writer.list(groups) { writer, group in
      writer.text(group.name)
      writer.integer(group.generation)
      writer.text(group.assignor.rawValue)
      writer.list(group.members) { $0.member($1) }
      writer.list(group.joins) { $0.joining($1) }
    }
  }

  init?(from reader: inout JournalReader) {
    let groups = reader.list { reader -> Group? in
      guard let name = reader.text(), let generation = reader.integer(UInt64.self),
        let assignor = reader.text().flatMap({ GroupAssignor(rawValue: $0) }),
        let members = reader.list({ $0.member() }), let joins = reader.list({ $0.joining() })
      else { return nil }
      return Group(name: name, generation: generation, assignor: assignor, members: members, joins: joins)
    }
    guard let groups else { return nil }
    self.groups = groups
  }

  var picture: Snapshot.Field { Snapshot.Field("memberships", .list(groups.map(\.picture))) }
}

extension ConsumerGroups.Group {
  subscript(_ id: UInt64) -> ConsumerGroups.Member? { place(id).map { members[$0] } }

  private func place(_ id: UInt64) -> Int? {
    var low = 0
    var high = members.count
    while low < high {
      let middle = (low + high) / 2
      if members[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < members.count && members[low].id == id ? low : nil
  }

  mutating func apply(_ effect: GroupEffect) {
    switch effect {
    case .memberPut(_, let assignor, let member):
      self.assignor = assignor
      generation = max(generation, member.generation)
      if let known = place(member.id) {
        members[known] = member
      } else {
        members.insert(member, at: members.firstIndex { $0.id > member.id } ?? members.count)
      }
      remember(member.joining)
    case .memberRemoved(_, let id, let generation):
      self.generation = max(self.generation, generation)
      if let known = place(id) { members.remove(at: known) }
    case .owned(_, let id, let generation, let partitions):
      self.generation = max(self.generation, generation)
      guard let known = place(id) else { return }
      let before = members[known].owned
      members[known].generation = generation
      members[known].owned = partitions.map { partition in
        before.first { $0.partition == partition }
          ?? ConsumerGroups.OwnedPartition(partition: partition, since: generation)
      }
    }
  }

  private mutating func remember(_ joining: ConsumerGroups.Joining) {
    let place = joins.firstIndex { !($0.host < joining.host) } ?? joins.count
    if place < joins.count, joins[place].host == joining.host {
      joins[place] = joining
    } else {
      joins.insert(joining, at: place)
    }
  }

  fileprivate var picture: Snapshot {
    .fields([
      Snapshot.Field("group", .text(name)), Snapshot.Field("generation", .number(generation)),
      Snapshot.Field("assignor", .text(assignor.rawValue)),
      Snapshot.Field("members", .list(members.map(\.picture))),
      Snapshot.Field(
        "joins",
        .list(joins.map { .text("host \($0.host.rawValue) incarnation \($0.incarnation) request \($0.request)") })),
    ])
  }
}

extension ConsumerGroups.Member {
  /// Whether a sender is who the member is now.
  func isHeld(by sender: Sender) -> Bool {
    joining.host == sender.host && joining.incarnation == sender.incarnation
  }

  fileprivate var picture: Snapshot {
    .fields([
      Snapshot.Field("member", .number(id)), Snapshot.Field("instance", .text(instance ?? "")),
      Snapshot.Field(
        "by",
        .text("host \(joining.host.rawValue) incarnation \(joining.incarnation) request \(joining.request)")),
      Snapshot.Field("topics", .list(topics.map { .text($0) })),
      Snapshot.Field("sessionTimeout", .number(sessionTimeout.nanoseconds)),
      Snapshot.Field("generation", .number(generation)),
      Snapshot.Field("owned", .list(owned.map { .text("\($0.partition) since \($0.since)") })),
    ])
  }
}
