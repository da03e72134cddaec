import Nodes

extension Defect {
  static let sequenceRecordedBeforeAppend = Defect(
    name: .sequenceRecordedBeforeAppend,
    original:
      "A batch's sequence is recorded before it is appended, without its offset: what comes again is answered with success and offset 0 at once.",
    breaks: .toldOffsetIsTrue,
    interleaving:
      "A batch waits for the object store longer than its sender does; the repetition is taken for a duplicate, and the sender is told that it is durable at offset 0.",
    scenario: "object-store-outage", removes: [], swap: { $0.agent.behaviour.repetition = .original })

  static let concurrentRepetitionsPass = Defect(
    name: .concurrentRepetitionsPass,
    original: "The last sequence is read and written in two steps without a lock.",
    breaks: .storedAsOftenAsSent,
    interleaving:
      "A batch is delivered twice; the second comes before the first is stored; both find the sequence free.",
    scenario: "crash-failover", removes: [.batchesInFlightCount])

  static let givenUpBatchLeavesGap = Defect(
    name: .givenUpBatchLeavesGap,
    original:
      "The sequence advances also when a batch could not be sent: every later batch is out of order, and is refused for ever.",
    breaks: .liveness,
    interleaving:
      "A batch is given up because nobody took it in time; those behind it are refused until their time is over.",
    scenario: "given-up-batches", removes: [.givenUpNumberIsReplaced])

  static let answersGoToTheFirstInLine = Defect(
    name: .answersGoToTheFirstInLine,
    original:
      "A record and whoever waits for its offset go into two queues under two locks, and an answer is given to the first who waits.",
    breaks: .toldOffsetIsTrue,
    interleaving: "Two batches of a partition are under way; the second is answered first.",
    scenario: "late-messages", removes: [],
    swap: { $0.changeProducers { $0.behaviour.answers = .original } })

  static let refusalCountsAsFailure = Defect(
    name: .refusalCountsAsFailure,
    original:
      "A batch's agent is found out once; the answer that it does not lead is final, and the batch has failed.",
    breaks: .failedIsUnseen,
    interleaving:
      "A batch is stored and the answer gets lost; meanwhile its agent hands the partition over and refuses the repetition; the sender is told that nothing is stored.",
    scenario: "stale-routes", removes: [],
    swap: { $0.changeProducers { $0.behaviour.refusals = .original } })

  static let batchesOutgrowTheirCaps = Defect(
    name: .batchesOutgrowTheirCaps,
    original:
      "The caps of a batch say when it is ready, not how large it may be: while an earlier one is under way, it grows.",
    breaks: .bound(.failedSends),
    interleaving:
      "The object store is slow; a batch waits, and what comes meanwhile becomes one message that no agent takes, and that is never tried again.",
    scenario: "batch-caps", removes: [],
    swap: { $0.changeProducers { $0.behaviour.batchGrowth = .original } })

  static let closingReportsSuccess = Defect(
    name: .closingReportsSuccess,
    original:
      "Flushing sends the batches that are ready, and leaves young ones where they are; closing ignores what went wrong and reports success.",
    breaks: .closingTellsTheTruth,
    interleaving: "A producer is closed with a young batch, or after one that could not be sent.",
    scenario: "given-up-batches", removes: [],
    swap: { $0.changeProducers { $0.behaviour.closing = .original } })
}
