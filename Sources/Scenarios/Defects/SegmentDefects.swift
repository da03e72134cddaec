import Nodes

extension Defect {
  static let segmentLostWhenUploadFails = Defect(
    name: .segmentLostWhenUploadFails,
    original:
      "A segment is swapped out before its upload; when three tries have failed it is dropped, and its log with it.",
    breaks: .acknowledgedIsStored,
    interleaving:
      "Batches are acknowledged as buffered; the object store fails three times in a row; the segment is forgotten.",
    scenario: "object-store-outage", removes: [], swap: { $0.agent.behaviour.failedUpload = .original })

  static let forgottenSegmentCountsAsStored = Defect(
    name: .forgottenSegmentCountsAsStored,
    original:
      "Two tasks flush a partition. When the first has swapped the segment out and failed, the second finds nothing to flush, and reports success to all who wait to be durable.",
    breaks: .acknowledgedIsStored,
    interleaving:
      "A batch waits to be durable; the flush that has it fails three times; its sender is told that it is stored.",
    scenario: "failing-uploads", removes: [],
    swap: {
      $0.agent.behaviour.failedUpload = .original
      $0.agent.behaviour.forgottenSenders = .original
    })

  static let acknowledgedBeforeSync = Defect(
    name: .acknowledgedBeforeSync,
    original: "With group commit an append returns once the log's writer has it in memory.",
    breaks: .acknowledgedIsStored,
    interleaving: "A batch is acknowledged as buffered; its agent dies before the log is synced.",
    scenario: "agent-crash", removes: [], swap: { $0.agent.behaviour.acknowledgesBuffered = .original })

  static let logReplayedAfterRegistration = Defect(
    name: .logReplayedAfterRegistration,
    original: "The log has no offsets: after a crash everything in it is appended again, registered or not.",
    breaks: .storedAsOftenAsSent,
    interleaving:
      "A segment is registered; its agent dies before the log is removed; the restart stores the same records again.",
    scenario: "agent-crash", removes: [], swap: { $0.agent.behaviour.logReplay = .original })

  static let leavesWithoutStoring = Defect(
    name: .leavesWithoutStoring,
    original: "A graceful stop gives the leases back and signs off. No step of it flushes.",
    breaks: .acknowledgedIsStored,
    interleaving:
      "Batches are acknowledged as buffered and gathered in a segment; the agent is told to leave, gives its lease back and ends.",
    scenario: "rolling-restart", removes: [], swap: { $0.agent.behaviour.leaving = .original })

  static let uploadsHoldEveryoneUp = Defect(
    name: .uploadsHoldEveryoneUp,
    original:
      "One lock guards the writers of all partitions; it is held while segments are uploaded, and every append waits for it.",
    breaks: .bound(.longestStall),
    interleaving: "The object store is slow for one partition; producers of all others on its agent wait with it.",
    scenario: "slow-upload", removes: [], swap: { $0.agent.behaviour.uploadWaits = .original })
}
