import Nodes

extension Defect {
  static let holesPassForTheEnd = Defect(
    name: .holesPassForTheEnd,
    original:
      "A poll takes \"no segment has this offset\" for \"there is nothing new\"; compacted segments begin at the first record that is left.",
    breaks: .readersGoOn,
    interleaving:
      "A compaction drops the first records of a segment; a reader stands at one of their offsets and waits there for ever.",
    scenario: "compaction-race", removes: [.holesAreErrors, .swapIsExact],
    swap: { $0.maintainer.behaviour.compactedRows = .original })

  static let committedBeforeHandled = Defect(
    name: .committedBeforeHandled,
    original:
      "A poll commits the positions behind the records that it is about to return.",
    breaks: .commitsFollowHandling,
    interleaving:
      "A poll commits; its application dies before it has handled what the poll returned; its successor begins behind that.",
    scenario: "careless-readers", removes: [], swap: { $0.changeReaders { $0.behaviour.commitPoint = .original } })

  static let committedWithoutGroup = Defect(
    name: .committedWithoutGroup,
    original:
      "Automatic commits are on by default, also without a group: from the first one on every poll fails after it has moved on.",
    breaks: .writesAreSeen,
    interleaving:
      "A consumer without a group has polled for as long as its commit interval; each later poll takes records and throws.",
    scenario: "careless-readers", removes: [], swap: { $0.changeReaders { $0.behaviour.commitPoint = .original } })

  static let staleListsAreUsed = Defect(
    name: .staleListsAreUsed,
    original:
      "The list of a partition's segments is read anew every 30 s or on a miss: what was compacted or deleted meanwhile is an error of the poll.",
    breaks: .noHoles,
    interleaving:
      "A slow reader comes to a segment of its list after a compaction has replaced it and its object has gone.",
    scenario: "compaction-race", removes: [.manifestIsFresh, .missingObjectIsSoughtAgain], swap: { _ in })
}
