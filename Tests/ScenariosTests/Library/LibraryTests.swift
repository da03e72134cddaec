import Foundation
import Nodes
import Simulation
import Testing

@testable import Scenarios

/// The scenarios that come with the project: right, complete, and doing what they name.
@Suite struct LibraryTests {
  @Test func everyFileOfTheFolderIsListedAndTaught() throws {
    let entries = try ScenarioLibrary.list(Repository.scenarios)
    #expect(entries.map(\.name) == Repository.library)
    #expect(entries.allSatisfy { $0.teaches.count > 80 && $0.file == "\(Repository.scenarios)/\($0.name).yaml" })
    let data = Data(ScenarioLibrary.json(entries).utf8)
    let parsed = try JSONSerialization.jsonObject(with: data) as? [[String: String]]
    #expect(parsed?.map { $0["name"] } == Repository.library)
  }

  @Test func everyKindOfFaultIsUsedBySomeScenario() throws {
    let printed = try Repository.library.map { try Repository.load($0).scenario.printed }
    for kind in FaultKindNames.all {
      #expect(printed.contains { $0.contains("kind: \(kind)\n") }, "no scenario has a fault of kind \(kind)")
    }
  }

  @Test func everyScenarioIsListedUnderTheHeadingOfItsGroup() throws {
    let entries = try ScenarioLibrary.list(Repository.scenarios)
    #expect(entries.filter { $0.group == .other }.map(\.name) == [], "a scenario of the library says what it is about")
    let lines = ScenarioLibrary.text(entries).split(separator: "\n").map(String.init)
    for entry in entries {
      let own = try #require(lines.firstIndex { $0.hasPrefix("\(entry.name)  (") })
      let heading = lines[..<own].last { line in ScenarioGroup.allCases.contains { $0.title == line } }
      #expect(heading == entry.group.title)
    }
    #expect(
      headlines("name: x\ngroup: objectStor") == [
        "s.yaml:2:8: `objectStor` is not known here; did you mean `objectStore`?"
      ])
  }

  @Test(arguments: Repository.library)
  func everyScenarioPrintsAndParsesToItself(name: String) throws {
    let loaded = try Repository.load(name).scenario
    #expect(try scenario(loaded.printed) == loaded)
    #expect(try scenario(Scenario.schema.print(loaded, fields: .all)) == loaded)
    let resolved = loaded.resolved(seed: 7)
    #expect(try scenario(resolved.printed) == resolved)
    #expect(resolved.resolved(seed: 7) == resolved)
    // What the headline measures is a calm cluster.
    #expect(name == "headline" || !resolved.faults.isEmpty)
  }

  /// A breaker may open in the instant before the faults stop; what waits for it is sent again after a retry's wait, stored and read.
  @Test(arguments: Repository.library)
  func everyScenarioHasTheTimeToComeToRestThatABreakerNeeds(name: String) throws {
    let loaded = try Repository.load(name).scenario
    #expect(loaded.settle >= loaded.agent.breaker.rest + .seconds(10))
  }

  /// Shortened, so that a debug build goes through them quickly; the tests of the command line take the full length.
  @Test(arguments: [
    ("agent-crash", "20s", ["crash"], ["batchReroutedToNewLeader"]),
    ("ambiguous-put", "10s", ["objectStoreErrors"], ["uploadRetried", "uploadFoundItsOwnObject"]),
    ("crash-failover", "24s", ["crash"], ["leaseMoved"]),
    ("hot-partition", "24s", ["objectStoreOutage"], ["creditsRefused"]),
    ("rolling-restart", "20s", ["drain"], ["leaseHandedOver"]),
    ("scale-out-and-in", "20s", ["start"], ["leaseHandedOver"]),
    ("expired-credentials", "20s", ["objectStoreExpiredCredentials"], ["uploadRetried"]),
    ("late-first-attempt", "20s", ["objectStoreLate"], ["uploadRetried"]),
    ("multipart-upload", "20s", ["objectStoreErrors"], ["multipartUploadCompleted", "uploadRetried"]),
    ("careless-readers", "20s", ["crash"], ["cacheAdoptedFiles"]),
    ("careless-members", "20s", ["duplicate"], ["partitionsAssigned", "lateCommitRefused"]),
    ("careless-upkeep", "20s", ["crash"], []),
    ("compaction-race", "25s", ["crash", "pause"], ["rowsCompacted"]),
    ("slow-metadata-disk", "25s", ["crash"], ["metadataRecoveredFromSnapshot"]),
    ("slow-prefix", "20s", ["objectStoreSlowPrefix"], ["uploadRetried"]),
    ("throttling-storm", "20s", ["objectStoreRate"], ["prefixThrottled"]),
    ("compaction-and-retention", "30s", ["crash"], ["rowsCompacted", "retentionByTime"]),
    ("failing-disks", "30s", ["diskErrors", "diskFull"], []),
    ("lost-disks", "24s", ["replace", "bitFlip"], []),
    ("wandering-clocks", "24s", ["clockStep", "clockDrift"], []),
    ("gray-network", "24s", ["bandwidth", "reset"], ["batchRetried"]),
    ("shapes-of-partition", "30s", ["partition"], ["leaseMoved"]),
    ("slow-metadata", "24s", ["slowCPU", "loss"], ["registrationRetried"]),
    ("absent-clients", "24s", ["crash", "pause"], ["consumerResumedFromCommit"]),
    ("what-is-left", "24s", ["partition"], []),
    ("rare-branches", "20s", ["crash", "loss"], []),
    ("narrow-limits", "20s", ["loss", "pause"], ["quotaRefused", "producerBufferFull"]),
    ("cut-off-readers", "24s", ["partition"], []),
    ("waiting-for-offsets", "20s", ["loss"], ["batchRetried"]),
    ("explicit-partitions", "20s", ["crash"], ["unknownTopicRefused", "unknownPartitionRefused"]),
    ("replaying-consumers", "20s", ["crash"], ["consumerSought", "pausedPartitionPassedOver"]),
    ("damaged-objects", "20s", ["objectStoreDamage"], ["damageTold", "holeTold"]),
    ("clock-steps", "14s", ["clockStep"], []),
    ("late-messages", "12s", ["duplicate"], ["leaseHandedOver"]),
    ("given-up-batches", "35s", ["partition"], ["producerIdentityRenewed"]),
    ("stale-routes", "14s", ["loss"], ["batchReroutedToNewLeader"]),
    ("failing-uploads", "14s", ["objectStoreErrors"], ["uploadRetried"]),
    ("topic-lifecycle", "30s", ["crash"], ["topicDeletedUnderLease", "topicNameUsedAgain"]),
    ("orphaned-objects", "30s", ["crash"], ["orphanRemoved"]),
    ("metadata-restart", "20s", ["crash"], ["metadataRecovered"]),
    ("network-partition", "24s", ["partition"], ["leaseMoved"]),
    ("object-store-outage", "30s", ["objectStoreOutage", "objectStoreErrors"], ["uploadRetried"]),
    ("original-segments", "12s", ["crash"], []),
    ("paused-agent", "24s", ["pause"], []),
    ("quickstart", "32s", ["crash"], []),
    ("idle-consumers", "14s", ["crash"], ["metadataRecovered"]),
    ("rebalance-storm", "25s", ["crash", "pause"], ["partitionsAssigned", "partitionsRevoked"]),
    ("slow-consumer", "25s", ["crash", "pause"], ["partitionsAssigned"]),
    ("rebalanced-pipeline", "20s", ["pause"], ["partitionsAssigned"]),
    ("transaction-timeouts", "20s", ["pause"], ["transactionFenced"]),
    ("transactional-pipeline", "20s", ["crash"], ["abortedRecordsPassedOver"]),
  ])
  func everyScenarioPassesAndExercisesWhatItNames(
    name: String, length: String, faults: [String], probes: [String]
  ) throws {
    // What is planned behind the shortened end is left out, and so is what the whole length leads one to expect.
    var loaded = try Repository.load(name)
    var shortened = loaded.scenario
    shortened.duration = try scenario("name: x\nduration: \(length)").duration
    shortened.faults = shortened.faults.filter { ($0.at ?? .zero) < shortened.duration }
    shortened.expect = Expectation()
    if name == "quickstart" { shortened.producers[0].count = 10 }
    if name == "idle-consumers" {
      shortened.consumers[0].count = 200
      shortened.consumers[1].count = 50
    }
    loaded = LoadedScenario(shortened, preloaded: loaded.preloaded)
    let result = try Runner.run(loaded, RunOptions())
    #expect(result.verdict == .pass, "\(result.violations.map(\.summary)) \(result.reasons)")
    let fired = result.faults.filter { $0.fired > 0 }.map(\.kind)
    #expect(fired.contains { faults.contains($0) })
    let hit = result.probes.filter { $0.count > 0 }.map(\.name)
    for probe in probes { #expect(hit.contains(probe), "\(probe)") }
    #expect(result.records.acknowledged > 0)
    // What a deleted topic held, or who is cut off for good, may reach nobody; nor what retention takes from readers that are cut off.
    let mayMiss = !shortened.lifecycles.isEmpty || shortened.ending == .core || name == "cut-off-readers"
    if !mayMiss, result.clients.atRisk.lost == 0 {
      #expect(result.records.delivered >= result.records.acknowledged)
    }
  }

  @Test func originalSegmentsReachTheirReadersWhole() throws {
    let loaded = try Repository.load(
      "original-segments", "duration=2s", "faults=[]", "expect.faults={}", "producers=[]")
    let result = try Runner.run(loaded, RunOptions())
    #expect(result.verdict == .pass)
    #expect(result.records.delivered == loaded.preloaded.reduce(0) { $0 + $1.contents.count })
    #expect(result.records.sent == 0)
  }
}
