import Nodes

extension Defect {
  static let sessionsNeverExpire = Defect(
    name: .sessionsNeverExpire,
    original:
      "The time of a member's last heartbeat is written down and never looked at.",
    breaks: .ownersAreUnique,
    interleaving:
      "A member dies and comes back as another one; what it had owned is owned by the dead one for ever.",
    scenario: "careless-members", removes: [.sessionsExpire], swap: { _ in })

  static let takenBeforeGivenBack = Defect(
    name: .takenBeforeGivenBack,
    original:
      "A join is complete at once, and its share is the member's: nobody waits for those who had the partitions.",
    breaks: .ownersAreUnique,
    interleaving:
      "A member joins and is given partitions on which another one still works.",
    scenario: "careless-members", removes: [.givenBackBeforeTaken], swap: { _ in })

  static let lateMembersCommit = Defect(
    name: .lateMembersCommit,
    original:
      "A commit names a group and partitions, neither a member nor a generation.",
    breaks: .exactlyOnce,
    interleaving:
      "A pipeline stalls, and its partitions go to another one, which handles the same records; the first one wakes up and commits its positions with what it made of them.",
    scenario: "rebalanced-pipeline", removes: [.committerOwnsPartition], swap: { _ in })

  static let commitsOnlyGoForward = Defect(
    name: .commitsOnlyGoForward,
    original:
      "A commit leaves out every position that is not beyond the one stored before, and reports success.",
    breaks: .commitsAreStored,
    interleaving:
      "An application goes back to read records again, and commits there.",
    scenario: "replaying-consumers", removes: [.rewindsAreStored], swap: { _ in })

  static let lateCommitsCount = Defect(
    name: .lateCommitsCount,
    original:
      "The last writer of a position wins, whatever it had read before.",
    breaks: .positionsStand,
    interleaving:
      "The network delivers a commit a second time, after a later one of the same consumer.",
    scenario: "careless-members", removes: [.commitIsNewest], swap: { _ in })
}
