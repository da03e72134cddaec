import Testing

@testable import Scenarios

/// What a scenario's author is told: where, what is wrong, what would be right.
@Suite struct ScenarioValidationTests {
  @Test(arguments: [
    ("duratoin: 5s", "s.yaml:2:1: unknown key `duratoin`; did you mean `duration`?"),
    ("agent: {segmentAeg: 3s}", "s.yaml:2:9: unknown key `segmentAeg`; did you mean `segmentAge`?"),
    ("cluster: {agents: -3}", "s.yaml:2:19: `-3` is out of limits; write 1 to 1000"),
    ("cluster: {agents: 0}", "s.yaml:2:19: `0` is out of limits; write 1 to 1000"),
    (
      "cluster: {agents: 99999999999999999999}", "s.yaml:2:19: `99999999999999999999` is out of limits; write 1 to 1000"
    ),
    ("cluster: {agents: 2, zones: 3}", "s.yaml:2:29: there are more zones than agents; at most 2, one for each agent"),
    ("defects: [zombies]", nil),
    ("seed: 9007199254740992", "s.yaml:2:7: `9007199254740992` is out of limits; write 0 to 9007199254740991"),
    ("seed: -1", "s.yaml:2:7: `-1` is out of limits; write 0 to 9007199254740991"),
    ("schedule: random", nil),
    (
      "agent: {leaseMargin: 30s, renewalInterval: 1s}\nmetadata: {leaseTerm: 30s}",
      "s.yaml:2:22: the margin leaves nothing of the lease's term of 30s; a tenth of the term"
    ),
    (
      "agent: {leaseMargin: 3s, renewalInterval: 27s}\nmetadata: {leaseTerm: 30s}",
      "s.yaml:2:43: leases would run out before they are renewed; less than the term minus the margin, 27s"
    ),
    (
      "agent: {heartbeatInterval: 5s}\nmetadata: {agentTimeout: 5s}",
      "s.yaml:2:28: agents would be taken for dead between two heartbeats; less than `metadata.agentTimeout`, 5s"
    ),
    (
      "agent: {retryBackoff: 9s, retryBackoffLimit: 8s}",
      "s.yaml:2:23: the first wait is longer than the longest; at most `agent.retryBackoffLimit`"
    ),
    (
      "producers: [{topic: orders}]",
      "s.yaml:1:1: there is no topic for the clients to use; add one, such as `orders: {partitions: 6}`"
    ),
    (
      "topics: {orders: {}}\nproducers: [{topic: oders}]",
      "s.yaml:3:21: there is no topic `oders`; did you mean `orders`?"
    ),
    (
      "topics: {orders: {}}\nconsumers: [{topic: order}]",
      "s.yaml:3:21: there is no topic `order`; did you mean `orders`?"
    ),
    (
      "topics: {orders: {}}\nproducers: [{topic: orders, idempotent: true, acknowledgement: buffered}]",
      "s.yaml:3:41: an idempotent producer needs durable acknowledgement; set `acknowledgement: durable` or leave `idempotent` out"
    ),
    (
      "topics: {orders: {}}\nproducers: [{topic: orders, valueBytes: 1KiB, batchBytes: 1KiB}]",
      "s.yaml:3:41: a record of this size does not fit into a batch of 1024 bytes; raise `batchBytes` or lower `valueBytes`"
    ),
    (
      "topics: {orders: {}}\nproducers: [{topic: orders, otherTopics: [oders]}]",
      "s.yaml:3:43: there is no topic `oders`; did you mean `orders`?"
    ),
    (
      "topics: {orders: {}, returns: {}}\nproducers: [{topic: orders, otherTopics: [returns, orders]}]",
      "s.yaml:3:52: `orders` is among the topics already; name each topic once"
    ),
    (
      "topics: {orders: {}}\nproducers: [{topic: orders, wrongPartitions: 2%}]",
      "s.yaml:3:46: the application leaves partitions to the partitioner, which names none that is not there; set `namesPartitions: true`"
    ),
    (
      "topics: {orders: {}}\nproducers: [{topic: orders, namesPartitions: true, wrongPartitions: 60%, wrongTopics: 50%}]",
      "s.yaml:3:87: the probabilities add up to more than 100%; at most 100% together with `wrongPartitions`"
    ),
    (
      "topics: {orders: {}}\nconsumers: [{topic: orders, seeks: {forward: 60%, beyond: 50%}}]",
      "s.yaml:3:59: the probabilities add up to more than 100%; at most 100% together with `forward`"
    ),
    (
      "topics: {orders: {}}\nconsumers: [{topic: orders, seeks: {recrods: 1..5}}]",
      "s.yaml:3:37: unknown key `recrods`; did you mean `records`?"
    ),
    ("topics: {orders: {}}\nconsumers: [{topic: orders, pauses: {every: 1ms}}]", nil),
    ("topics: {a: {partitions: 60000}}", "s.yaml:2:26: `60000` is out of limits; write 1 to 10000"),
    (
      "topics: {orders: {}}\nproducers: [{topic: orders, count: 60000}]\nconsumers: [{topic: orders, count: 60000}]",
      "s.yaml:3:12: the scenario has more than 100000 machines; lower the counts"
    ),
    (
      "faults: [{at: 1s, kind: drain, host: metadata}]",
      "s.yaml:2:38: only agents leave and join in an orderly way, and `metadata` is none; an agent, `agents` or `spares`"
    ),
    (
      "faults: [{at: 1s, kind: start, host: spares}]",
      "s.yaml:2:38: there are no spares in this scenario; add some, or name another host"
    ),
    (
      "faults: [{at: 1s, for: 2s, kind: start, host: agents}]",
      "s.yaml:2:24: a start has no end; leave `for` out, and add a `drain` for when it is to leave"
    ),
    ("expect: {probes: {leaseMovd: {}}}", "s.yaml:2:18: there is no probe `leaseMovd`; did you mean `leaseMoved`?"),
    ("expect: {faults: {crush: {}}}", "s.yaml:2:18: there is no kind of fault `crush`; did you mean `crash`?"),
    ("expect: {violates: Z}", nil),
    ("expect: {faults: {crash: {atLeast: 0}}}", "s.yaml:2:36: `0` is out of limits; write 1 to 1000000000"),
    (
      "messageFaults: [{from: agent-1, to: agents, ordinal: 1, fault: drop}]",
      "s.yaml:2:37: there is no host `agents`; a host of this scenario"
    ),
    (
      "requestFaults: [{client: agent-9, ordinal: 1, outcome: 1}]",
      "s.yaml:2:26: there is no host `agent-9`; a host of this scenario"
    ),
    ("messageFaults: [{from: agent-1, to: agent-2, ordinal: 0, fault: drop}]", nil),
    (
      "preload: [{file: a.seg, topic: orders}]\ntopics: {oders: {}}",
      "s.yaml:2:32: there is no topic `orders`; did you mean `oders`?"
    ),
    (
      "preload: [{file: a.seg, topic: orders, partition: 2}]\ntopics: {orders: {partitions: 2}}",
      "s.yaml:2:51: topic `orders` has no partition 2; 0 to 1"
    ),
    (
      "preload: [{file: a.seg, topic: orders}, {file: b.seg, topic: orders}]\ntopics: {orders: {}}",
      "s.yaml:2:41: this partition has a segment already; one segment a partition"
    ),
  ])
  func whatIsWrongIsToldWithItsPlaceAndARemedy(text: String, headline: String?) {
    let found = headlines("name: x\n\(text)\n")
    #expect(found.count == 1)
    if let headline { #expect(found == [headline]) }
  }

  @Test(arguments: ["5", "5 minutes", "5sec", "five", "5m5", "1e3s", "-5s", "''"])
  func aDurationNeedsAUnitThatIsKnown(text: String) throws {
    let found = headlines("name: x\nduration: \(text)\n")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("s.yaml:2:11: ") == true)
    #expect(found.first?.contains("; ") == true, "it says what would be right")
  }

  @Test func manyTopicsTogetherHaveALimit() {
    let topics = (1...11).map { "  t\($0): {partitions: 10000}" }.joined(separator: "\n")
    #expect(
      headlines("name: x\ntopics:\n\(topics)\n") == [
        "s.yaml:3:3: the scenario has more than 100000 partitions; lower their number"
      ])
  }

  // MARK: Faults

  private func fault(_ fault: String, _ more: String = "") -> [String] {
    headlines("name: x\nduration: 30s\ncluster: {agents: 3}\nfaults:\n  - \(fault)\n\(more)")
  }

  @Test(arguments: [
    ("{kind: crash, at: 5s, host: agent-4}", "s.yaml:5:33: there is no host `agent-4`; did you mean `agents`?"),
    ("{kind: crash, at: 5s, host: agnets}", "s.yaml:5:33: there is no host `agnets`; did you mean `agents`?"),
    ("{kind: crash, at: 5s, host: agent-01}", "s.yaml:5:33: there is no host `agent-01`; did you mean `agent-1`?"),
    ("{kind: pause, at: 5s, host: producer-1}", nil),
    (
      "{kind: pause, at: 5s, host: clients}",
      "s.yaml:5:33: there are no clients in this scenario; add some, or name another host"
    ),
    (
      "{kind: crash, at: 5s, host: object-store}",
      "s.yaml:5:33: the object store cannot crash: it is a service that only its own faults concern; use `objectStoreOutage`"
    ),
    (
      "{kind: crash, at: 5s, host: all}",
      "s.yaml:5:33: the object store cannot crash: it is a service that only its own faults concern; use `objectStoreOutage`"
    ),
    (
      "{kind: partition, at: 5s, from: [agent-1, agent-7], to: [metadata]}",
      "s.yaml:5:47: there is no host `agent-7`; did you mean `agents`?"
    ),
    ("{kind: loss, at: 5s, to: [metdata]}", "s.yaml:5:31: there is no host `metdata`; did you mean `metadata`?"),
    (
      "{kind: crash, at: 30s, host: agents}",
      "s.yaml:5:23: the faults stop before that, at 30s; an earlier time or a longer `duration`"
    ),
    (
      "{kind: crash, at: 45s, host: agents}",
      "s.yaml:5:23: the faults stop before that, at 30s; an earlier time or a longer `duration`"
    ),
    (
      "{kind: crash, host: agents}",
      "s.yaml:5:5: a fault happens either at a time or every so often; give either `at` or `every`"
    ),
    (
      "{kind: crash, at: 1s, every: 2s, host: agents}",
      "s.yaml:5:34: a fault happens either at a time or every so often; give either `at` or `every`"
    ),
    ("{kind: crsh, at: 1s, host: agents}", nil),
    ("{kind: crash, at: 1s}", "s.yaml:5:5: the key `host` is missing; add `host`, a text"),
    ("{kind: crash, at: 1s, host: agents, for: 5s..1s}", nil),
    ("{kind: loss, at: 1s, probability: 120%}", nil),
    (
      "{kind: objectStoreErrors, at: 1s, before: 60%, after: 50%}",
      "s.yaml:5:47: the probabilities add up to more than 100%; at most 100% together"
    ),
    ("{kind: objectStoreErrors, at: 1s, before: 50%, after: 50%}", ""),
    ("{kind: objectStoreDamage, at: 1s, damage: rust}", nil),
    ("{kind: objectStoreDamage, at: 1s, objects: 0}", nil),
    ("{kind: objectStoreDamage, at: 1s, for: 5s, damage: loss, objects: 3}", ""),
    ("{kind: crash, at: 29999ms, host: agents, for: 1h}", ""),
    ("{kind: partition, at: 1s, from: [], to: [metadata]}", nil),
    ("{kind: clockDrift, at: 1s, host: agents, partsPerMillion: 60000}", nil),
  ])
  func aFaultThatCannotHappenIsRefused(fault: String, headline: String?) {
    let found = self.fault(fault)
    switch headline {
    case "": #expect(found == [])
    case nil:
      #expect(found.count == 1)
      #expect(found.first?.hasPrefix("s.yaml:5:") == true)
    case let headline?: #expect(found == [headline])
    }
  }

  @Test func faultsThatWouldBeDrawnWithoutEndAreRefused() {
    #expect(
      headlines("name: x\nduration: 1h\nfaults: [{kind: crash, every: 1ms, host: agents}]\n") == [
        "s.yaml:3:31: that may make more than 100,000 faults; a longer time"
      ])
  }

  @Test func severalPlansThatTogetherDrawTooManyFaultsAreRefused() {
    let plan = "{kind: crash, every: 100ms, host: agents}"
    #expect(headlines("name: x\nduration: 1h\nfaults: [\(plan)]\n") == [])
    #expect(
      headlines("name: x\nduration: 1h\nfaults: [\(plan), \(plan)]\n") == [
        "s.yaml:3:9: the plans together may make more than 100,000 faults; longer times between them"
      ])
  }
}
