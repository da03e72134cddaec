import Simulation

/// The positions that groups of consumers have stored.
struct GroupPositions: StatePart {
  static let tag: UInt8 = 2

  struct Group: Sendable {
    var name: String
    /// In order of the partitions.
    var offsets: [CommittedOffset]
    /// The latest commit of each machine, by which repeated and late ones are known. In order of the machines.
    var commits: [Commit]
  }

  /// One commit among those of its sender.
  struct Commit: Sendable, Hashable {
    var host: HostID
    var incarnation: Int
    var request: UInt64

    /// Whether it comes after another one of its machine.
    func follows(_ other: Commit) -> Bool { (other.incarnation, other.request) < (incarnation, request) }
  }

  /// In the order in which they first stored something.
  private(set) var groups: [Group] = []

  init() {}

  subscript(_ group: String, _ partition: TopicPartition) -> UInt64? {
    groups.first { $0.name == group }?.offsets.first { $0.partition == partition }?.offset
  }

  /// The latest commit of a machine to a group.
  func latestCommit(of host: HostID, to group: String) -> Commit? {
    groups.first { $0.name == group }?.commits.first { $0.host == host }
  }

  /// Stores positions; a commit with a number is remembered, one within another change needs none.
  mutating func commit(_ offsets: [CommittedOffset], to name: String, by commit: Commit? = nil) {
    let group = groups.firstIndex { $0.name == name } ?? groups.count
    if group == groups.count { groups.append(Group(name: name, offsets: [], commits: [])) }
    for offset in offsets {
      let place = groups[group].offsets.firstIndex { !($0.partition < offset.partition) } ?? groups[group].offsets.count
      if place < groups[group].offsets.count, groups[group].offsets[place].partition == offset.partition {
        groups[group].offsets[place].offset = offset.offset
      } else {
        groups[group].offsets.insert(offset, at: place)
      }
    }
    guard let commit else { return }
    let place = groups[group].commits.firstIndex { !($0.host < commit.host) } ?? groups[group].commits.count
    if place < groups[group].commits.count, groups[group].commits[place].host == commit.host {
      groups[group].commits[place] = commit
    } else {
      groups[group].commits.insert(commit, at: place)
    }
  }

  /// Drops the positions in a topic that is no more.
  mutating func forget(_ topic: TopicID) {
    for index in groups.indices { groups[index].offsets.removeAll { $0.partition.topic == topic } }
  }

  // MARK: Snapshot

  func encode(into writer: inout JournalWriter) {
    writer.list(groups) { writer, group in
      writer.text(group.name)
      writer.list(group.offsets) { $0.committedOffset($1) }
      writer.list(group.commits) { $0.commit($1) }
    }
  }

  init?(from reader: inout JournalReader) {
    let groups = reader.list { reader -> Group? in
      guard let name = reader.text(), let offsets = reader.list({ $0.committedOffset() }),
        let commits = reader.list({ $0.commit() })
      else { return nil }
      return Group(name: name, offsets: offsets, commits: commits)
    }
    guard let groups else { return nil }
    self.groups = groups
  }

  var picture: Snapshot.Field {
    Snapshot.Field(
      "groups",
      .list(
        groups.map { group in
          .fields(
            [Snapshot.Field("name", .text(group.name))]
              + group.offsets.map { Snapshot.Field($0.partition.description, .number($0.offset)) }
              + group.commits.map {
                Snapshot.Field(
                  "commit of host \($0.host.rawValue)", .text("incarnation \($0.incarnation) request \($0.request)"))
              })
        }))
  }
}

extension JournalWriter {
  mutating func commit(_ commit: GroupPositions.Commit) {
    integer(commit.host.rawValue)
    integer(UInt64(commit.incarnation))
    integer(commit.request)
  }
}

extension JournalReader {
  mutating func commit() -> GroupPositions.Commit? {
    guard let host = integer(UInt32.self), let incarnation = integer(UInt64.self), let request = integer(UInt64.self)
    else { return nil }
    return GroupPositions.Commit(
      host: HostID(rawValue: host), incarnation: Int(truncatingIfNeeded: incarnation), request: request)
  }
}
