import Simulation
import Storage
import Testing

@testable import Nodes
@testable import Scenarios

/// L, P and T: what caches serve, where groups stand, and how long transactions last.
@Suite struct ReaderCheckTests {
  private var found = ViolationList()

  // MARK: L

  private static let key = ObjectKey("data/1/0/0")
  private static let bytes: [UInt8] = [1, 2, 3]

  private func served(_ bytes: [UInt8], by check: inout CacheCheck, _ found: inout ViolationList) {
    check.served(
      SegmentServed(key: Self.key, hash: Hashing.xxh3(bytes)), .told(1, 5, on: "consumer-1"), Story.labels, &found)
  }

  @Test mutating func aCacheThatServesWhatTheObjectHoldsIsRight() {
    var check = CacheCheck(object: { $0 == Self.key ? Self.bytes : nil })
    served(Self.bytes, by: &check, &found)
    #expect(found.broken.isEmpty)
  }

  @Test mutating func aCacheThatServesAPartOfTheObjectBreaksL() {
    var check = CacheCheck(object: { _ in Self.bytes })
    served(Array(Self.bytes.dropLast()), by: &check, &found)
    #expect(found.broken == [.cachesAreTrue])
  }

  @Test mutating func ofAnObjectThatIsGoneCountsWhatItWas() {
    var isThere = true
    var check = CacheCheck(object: { _ in isThere ? Self.bytes : nil })
    served(Self.bytes, by: &check, &found)
    isThere = false
    served(Self.bytes, by: &check, &found)
    #expect(found.broken.isEmpty)
    served([9], by: &check, &found)
    #expect(found.broken == [.cachesAreTrue])
  }

  @Test mutating func ofAnObjectThatNobodyEverSawNothingIsSaid() {
    var check = CacheCheck(object: { _ in nil })
    served([9], by: &check, &found)
    #expect(found.broken.isEmpty)
  }

  @Test mutating func aCacheMayFillItsBoundAndNoMore() {
    let check = CacheCheck(object: { _ in nil })
    let host = HostID(rawValue: 5)
    check.judge([.init(host: host, bytes: 100, bound: 100)], at: .start, Story.labels, &found)
    #expect(found.broken.isEmpty)
    check.judge([.init(host: host, bytes: 101, bound: 100)], at: .start, Story.labels, &found)
    #expect(found.broken == [.cachesAreTrue])
  }

  // MARK: P

  private func commit(_ offset: UInt64, to check: inout PositionCheck, _ found: inout ViolationList) {
    check.committed("readers", Story.orders, offset, .told(offset, 5, on: "metadata"), Story.labels, &found)
  }

  @Test mutating func positionsThatRiseAreRight() {
    var check = PositionCheck()
    for offset in [10, 20, 20, 35] as [UInt64] { commit(offset, to: &check, &found) }
    #expect(found.broken.isEmpty)
  }

  @Test mutating func aPositionThatGoesBackUnaskedBreaksP() {
    var check = PositionCheck()
    for offset in [10, 20, 15] as [UInt64] { commit(offset, to: &check, &found) }
    #expect(found.broken == [.positionsStand])
  }

  @Test mutating func aPositionMayGoBackToWhereAConsumerWasSent() {
    var check = PositionCheck()
    commit(20, to: &check, &found)
    check.moved("readers", Story.orders, to: 12)
    commit(12, to: &check, &found)
    commit(18, to: &check, &found)
    #expect(found.broken.isEmpty)
    commit(11, to: &check, &found)
    #expect(found.broken == [.positionsStand])
  }

  // MARK: T

  private static let transaction = TransactionID(producer: ProducerIdentity(id: 1, epoch: 0), number: 1)

  private func story(endedAt end: Int64, recoveredAt recovery: Int64? = nil) -> [InvariantName] {
    var found = ViolationList()
    var check = TransactionTimeCheck(slack: .seconds(2))
    check.observe(.began(Self.transaction, timeout: .seconds(3)), .told(1, 10, on: "metadata"), &found)
    if let recovery { check.recovered(at: .start + .seconds(recovery)) }
    check.observe(.ended(Self.transaction, .aborted, .asAsked), .told(2, end, on: "metadata"), &found)
    check.finish(at: .start + .seconds(100), &found)
    return found.broken
  }

  @Test func aTransactionThatEndsInTimeIsRight() { #expect(story(endedAt: 14).isEmpty) }

  @Test func aTransactionThatIsOpenForTooLongBreaksT() { #expect(story(endedAt: 16) == [.transactionsEnd]) }

  @Test func aRecoveryGivesATransactionItsFullTimeAgain() {
    #expect(story(endedAt: 16, recoveredAt: 12).isEmpty)
    #expect(story(endedAt: 18, recoveredAt: 12) == [.transactionsEnd])
  }

  @Test func aTransactionThatNeverEndsBreaksT() {
    var found = ViolationList()
    var check = TransactionTimeCheck(slack: .seconds(2))
    check.observe(.began(Self.transaction, timeout: .seconds(3)), .told(1, 10, on: "metadata"), &found)
    check.finish(at: .start + .seconds(14), &found)
    #expect(found.broken.isEmpty)
    check.finish(at: .start + .seconds(20), &found)
    #expect(found.broken == [.transactionsEnd])
  }

  // MARK: R

  @Test func aReaderThatTakesAHoleForTheEndBreaksRAndOneThatNamesItDoesNot() throws {
    var options = RunOptions()
    options.seed = 1
    let faulty = try Runner.run(Repository.load("compaction-race", "defects=[holesPassForTheEnd]"), options)
    #expect(faulty.violationCounts.contains { $0.invariant == .readersGoOn })
    let healthy = try Runner.run(Repository.load("compaction-race"), options)
    #expect(!healthy.violationCounts.contains { $0.invariant == .readersGoOn })
  }
}
