import Simulation
import Storage
import Testing

@testable import Nodes
@testable import Scenarios

/// What checks make of objects that a fault has damaged: the damage is no violation, and nothing else is excused.
@Suite struct DamageCheckTests {
  private static let key = ObjectKey("data/1/0/10")

  private func damaged() -> DamageCheck {
    var check = DamageCheck()
    check.observe(.segmentRegistered(Story.orders, .told(0..<10, epoch: 1)))
    check.observe(.segmentRegistered(Story.orders, .told(10..<20, epoch: 1)))
    check.damaged(Self.key)
    return check
  }

  @Test func offsetsOfADamagedObjectAreExplained() {
    let check = damaged()
    for offset in [10, 15, 19] as [UInt64] { #expect(check.explains(Story.orders, offset, listed: [])) }
  }

  @Test func noOthersAre() {
    let check = damaged()
    let other = TopicPartition(topic: TopicID(rawValue: 1), index: 1)
    for offset in [0, 9, 20] as [UInt64] { #expect(!check.explains(Story.orders, offset, listed: [])) }
    #expect(!check.explains(other, 15, listed: []))
    #expect(!DamageCheck().explains(Story.orders, 15, listed: [.told(10..<20, epoch: 1)]))
  }

  @Test func whatIsThereFromTheStartIsExplainedByTheListOfRows() {
    var check = DamageCheck()
    check.damaged(Self.key)
    let rows = [SegmentRow.told(0..<10, epoch: 1), .told(10..<20, epoch: 1)]
    #expect(check.explains(Story.orders, 10, listed: rows))
    #expect(!check.explains(Story.orders, 9, listed: rows))
  }

  // MARK: L

  @Test func aCacheThatServesWhatDamageMadeOfTheObjectIsRightAndAnyOtherIsNot() {
    var found = ViolationList()
    var check = CacheCheck(object: { _ in [1, 2, 3] })
    check.damaged(Self.key, Hashing.xxh3([1, 2, 7]))
    func serve(_ bytes: [UInt8]) {
      check.served(
        SegmentServed(key: Self.key, hash: Hashing.xxh3(bytes)), .told(1, 5, on: "consumer-1"), Story.labels, &found)
    }
    serve([1, 2, 7])
    serve([1, 2, 3])
    #expect(found.broken == [])
    serve([1, 2])
    #expect(found.broken == [.cachesAreTrue])
  }

  // MARK: A whole run

  private static let reading = """
    faults:
      - {at: 2s, for: 3s, kind: objectStoreDamage, damage: bitFlip, objects: 40}
      - {at: 5s, for: 1s, kind: objectStoreDamage, damage: loss, objects: 40}
    """

  /// A small cluster with one reader that goes back again and again and keeps nothing in its cache.
  private func cluster(_ rest: String) throws -> Scenario {
    try scenario(
      smallCluster(
        seconds: 8,
        "    rereadAfter: 300ms\n    cacheBytes: 0B\n    cacheMemoryBytes: 0B\n    readAhead: 0\n    seeks: {every: 200ms, records: 10..300}\n\(rest)"
      ))
  }

  @Test func readersTellDamageAndGoOnWhenItIsOver() throws {
    let result = try cluster(Self.reading).run(seed: 3)
    #expect(result.verdict == .pass, "\(result.violations.map(\.summary)) \(result.reasons)")
    for probe in ["damageTold", "holeTold"] {
      #expect(result.probes.contains { $0.name == probe && $0.count > 0 }, "\(probe)")
    }
  }

  @Test func anApplicationThatDoesNotTryAgainEndsAtTheFirstDamage() throws {
    var ends = try cluster(Self.reading)
    ends.consumers[0].rereadAfter = nil
    let result = try ends.run(seed: 3)
    #expect(result.probes.contains { ["damageTold", "holeTold"].contains($0.name) && $0.count == 1 })
    #expect(result.verdict == .pass, "\(result.violations.map(\.summary)) \(result.reasons)")
  }
}
