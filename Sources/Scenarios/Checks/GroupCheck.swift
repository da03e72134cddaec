import Nodes
import Simulation

/// N: in a group each partition has at most one owner, under rising generations, and in the end exactly one.
struct GroupCheck {
  private struct Group {
    var generation: UInt64 = 0
    var owned: [UInt64: [TopicPartition]] = [:]
    /// Who owns what, by the metadata service's word, and since which event.
    var owners: [TopicPartition: (member: UInt64, event: UInt64)] = [:]
    /// Who each member is now.
    var holders: [UInt64: HostID] = [:]
  }

  /// A consumer's word that it works on a partition.
  private struct Claim: Hashable {
    var group: String
    var partition: TopicPartition
    var generation: UInt64
  }

  private var groups: [String: Group] = [:]
  private var claims: [Claim: EventStamp] = [:]

  // MARK: The metadata service's word

  mutating func observe(_ event: GroupEvent, _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList) {
    switch event {
    case .memberJoined(let group, let member, let host, _, let generation, _):
      rise(group, to: generation, stamp, &found)
      groups[group, default: Group()].holders[member] = host
    case .memberRemoved(let group, let member, let generation, _):
      rise(group, to: generation, stamp, &found)
      release(member, of: group)
    case .owned(let group, let member, let generation, let partitions):
      rise(group, to: generation, stamp, &found)
      give(partitions, to: member, of: group, generation, stamp, labels, &found)
    case .recovered(let group, let generation, let shares):
      // What had been synced and not yet told when the service died counts as told from now on.
      let known = groups[group]?.generation ?? 0
      if generation < known {
        found.add(
          Violation(
            .ownersAreUnique, at: stamp.time,
            "after its recovery at \(stamp.time) the metadata service has generation \(generation) for group \(group); it had been \(known)",
            events: [stamp.number]))
      }
      groups[group, default: Group()].owned = [:]
      groups[group]?.owners = [:]
      groups[group]?.generation = max(known, generation)
      for share in shares {
        give(share.partitions, to: share.member, of: group, share.generation, stamp, labels, &found)
      }
    }
  }

  private mutating func rise(
    _ group: String, to generation: UInt64, _ stamp: EventStamp, _ found: inout ViolationList
  ) {
    let known = groups[group]?.generation ?? 0
    if generation <= known {
      found.add(
        Violation(
          .ownersAreUnique, at: stamp.time,
          "group \(group) came to generation \(generation) at \(stamp.time), although it had been at \(known) already",
          events: [stamp.number]))
    }
    groups[group, default: Group()].generation = max(known, generation)
  }

  private mutating func release(_ member: UInt64, of group: String) {
    for partition in groups[group]?.owned[member] ?? [] where groups[group]?.owners[partition]?.member == member {
      groups[group]?.owners[partition] = nil
    }
    groups[group]?.owned[member] = nil
  }

  private mutating func give(
    _ partitions: [TopicPartition], to member: UInt64, of group: String, _ generation: UInt64, _ stamp: EventStamp,
    _ labels: Labels, _ found: inout ViolationList
  ) {
    release(member, of: group)
    for partition in partitions {
      if let other = groups[group]?.owners[partition] {
        found.add(
          Violation(
            .ownersAreUnique, at: stamp.time,
            "\(labels.partition(partition)) was given to member \(member) of group \(group) in generation \(generation) at \(stamp.time), although member \(other.member) had not given it back",
            events: [other.event, stamp.number]))
      }
      groups[group, default: Group()].owners[partition] = (member, stamp.number)
    }
    groups[group, default: Group()].owned[member] = partitions
  }

  // MARK: The consumers' word

  mutating func assigned(_ event: ConsumerAssigned, _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList)
  {
    for position in event.positions {
      let claim = Claim(group: event.group, partition: position.partition, generation: event.generation)
      if let other = claims[claim] {
        found.add(
          Violation(
            .ownersAreUnique, at: stamp.time,
            "\(labels.host(stamp.host)) began to read \(labels.partition(position.partition)) for group \(event.group) in generation \(event.generation) at \(stamp.time), as \(labels.host(other.host)) had in the same generation at \(other.time)",
            events: [other.number, stamp.number]))
      }
      claims[claim] = stamp
    }
  }

  // MARK: The end

  /// Judges what is owned in the end.
  ///
  /// - Parameters:
  ///   - readers: Who reads what for a group now, by its own word.
  ///   - partitions: What has to be read.
  func judge(
    group: String, readers: [(host: HostID, partitions: [TopicPartition])], partitions: [TopicPartition],
    at end: VirtualTime, _ labels: Labels, _ found: inout ViolationList
  ) {
    for partition in partitions {
      let names = readers.filter { $0.partitions.contains(partition) }.map { labels.host($0.host) }
      if names.count != 1 {
        found.add(
          Violation(
            .ownersAreUnique, at: end,
            names.isEmpty
              ? "in the end nobody reads \(labels.partition(partition)) for group \(group)"
              : "in the end \(names.joined(separator: " and ")) read \(labels.partition(partition)) for group \(group)")
        )
      } else if let owner = groups[group]?.owners[partition], let holder = groups[group]?.holders[owner.member],
        labels.host(holder) != names[0]
      {
        found.add(
          Violation(
            .ownersAreUnique, at: end,
            "in the end \(names[0]) reads \(labels.partition(partition)) for group \(group), which \(labels.host(holder)) owns",
            events: [owner.event]))
      }
    }
  }
}
