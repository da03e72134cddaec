import Nodes

extension Defect {
  static let leaseCheckedOnlyBeforeAppend = Defect(
    name: .leaseCheckedOnlyBeforeAppend,
    original:
      "The lease is looked at before an append. Neither upload nor registration carries an epoch, and writers outlive their lease.",
    breaks: .rowsMatchObjects,
    interleaving:
      "An agent takes batches and stalls; its lease runs out and another agent writes from the same offset; the first one wakes up and puts its segment over the other one's object.",
    scenario: "paused-agent", removes: [.epochIsCurrent, .baseIsWatermark, .putIsConditional, .writerEndsWithLease],
    swap: { $0.agent.behaviour.keyNaming = .original })

  static let lateWriterPutsOverObject = Defect(
    name: .lateWriterPutsOverObject,
    original:
      "An object's key says nothing of its writer and a put asks for nothing: the row of the second writer is refused, but its object has taken the place of the first one's.",
    breaks: .rowsMatchObjects,
    interleaving:
      "An upload is given up for lost and its leader dies; the next leader writes from the same offset and is registered; the lost upload arrives.",
    scenario: "late-first-attempt", removes: [.putIsConditional],
    swap: { $0.agent.behaviour.keyNaming = .original })

  static let assignmentCountsAsLease = Defect(
    name: .assignmentCountsAsLease,
    original:
      "An agent records its share of the partitions as its own also where it did not get the lease, and looks again only when its share has changed.",
    breaks: .leadersReturn,
    interleaving:
      "An agent dies and its partitions are assigned to others while its leases still hold; those ask once, are refused, and never ask again.",
    scenario: "crash-failover", removes: [], swap: { $0.agent.behaviour.leaseRequests = .original })

  static let leaseRunsOutByAskersClock = Defect(
    name: .leaseRunsOutByAskersClock,
    original:
      "Lease times are compared with the wall clock of the agent that asks, and no later stage looks at an epoch.",
    breaks: .epochsFence,
    interleaving:
      "The clock of one agent is a minute ahead; another one stalls for a few seconds and its partitions are assigned to the first, which finds the lease over and takes it; the other wakes up, rightly sure of its lease, and registers.",
    scenario: "clock-steps", removes: [.epochIsCurrent, .baseIsWatermark],
    swap: { $0.agent.behaviour.leaseClock = .original })

  static let epochsBeginAgain = Defect(
    name: .epochsBeginAgain,
    original:
      "The epoch is a column of the lease's row. Giving a lease back deletes the row; the next one begins at 1.",
    breaks: .epochsFence,
    interleaving: "An agent gives a lease back and another gets it, under an epoch that somebody had before.",
    scenario: "rolling-restart", removes: [], swap: { $0.metadata.behaviour.epochs = .original })

  static let lateReleaseCounts = Defect(
    name: .lateReleaseCounts,
    original:
      "The end of a hand-over asks neither who leads nor whether its time is over, and numbers what follows after the epoch in which it began.",
    breaks: .epochsFence,
    interleaving:
      "A leader hands its partition over, and the next one does, too; then the network delivers the first one's last message a second time: the lease is free again, and its number has been used.",
    scenario: "late-messages", removes: [.releaserHoldsLease])
}
