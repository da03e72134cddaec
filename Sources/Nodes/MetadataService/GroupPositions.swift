import Simulation

/// The positions that groups of consumers have stored.
struct GroupPositions: StatePart {
  static let tag: UInt8 = 2

  private struct Group: Sendable {
    var name: String
    /// In order of the partitions.
    var offsets: [CommittedOffset]
  }

  /// In the order in which they first stored something.
  private var groups: [Group] = []

  init() {}

  subscript(_ group: String, _ partition: TopicPartition) -> UInt64? {
    groups.first { $0.name == group }?.offsets.first { $0.partition == partition }?.offset
  }

  mutating func commit(_ offsets: [CommittedOffset], to name: String) {
    let group = groups.firstIndex { $0.name == name } ?? groups.count
    if group == groups.count { groups.append(Group(name: name, offsets: [])) }
    for offset in offsets {
      let place = groups[group].offsets.firstIndex { !($0.partition < offset.partition) } ?? groups[group].offsets.count
      if place < groups[group].offsets.count, groups[group].offsets[place].partition == offset.partition {
        groups[group].offsets[place].offset = offset.offset
      } else {
        groups[group].offsets.insert(offset, at: place)
      }
    }
  }

  // MARK: Snapshot

  func encode(into writer: inout JournalWriter) {
    writer.list(groups) { writer, group in
      writer.text(group.name)
      writer.list(group.offsets) { $0.committedOffset($1) }
    }
  }

  init?(from reader: inout JournalReader) {
    let groups = reader.list { reader -> Group? in
      guard let name = reader.text(), let offsets = reader.list({ $0.committedOffset() }) else { return nil }
      return Group(name: name, offsets: offsets)
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
              + group.offsets.map { Snapshot.Field($0.partition.description, .number($0.offset)) })
        }))
  }
}
