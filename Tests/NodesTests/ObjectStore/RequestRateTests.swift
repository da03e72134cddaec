import Simulation
import Testing

@testable import Nodes

@Suite("Request rates")
struct RequestRateTests {
  private func rates(writes: Int64 = 10, reads: Int64 = 20, splitAfter: VirtualDuration = .seconds(60)) -> RequestRates
  {
    var rates = RequestRates()
    rates.writesPerSecond = writes
    rates.readsPerSecond = reads
    rates.splitAfter = splitAfter
    return rates
  }

  private func at(_ milliseconds: Int64) -> VirtualTime { .start + .milliseconds(milliseconds) }

  /// How many of so many requests at one instant are admitted.
  private func admitted(
    _ count: Int, _ prefixes: inout PrefixRates, key: String = "data/1", isWrite: Bool = true, at time: VirtualTime
  ) -> Int {
    (0..<count).count { _ in prefixes.admit(ObjectKey(key), isWrite: isWrite, at: time) == .admitted }
  }

  @Test("are 3,500 writes and 5,500 reads a second, as S3 documents them")
  func figures() {
    #expect(RequestRates().writesPerSecond == 3_500 && RequestRates().readsPerSecond == 5_500)
  }

  @Test("allow a second's worth at once, and then one as soon as its time has come")
  func tokens() {
    var prefixes = PrefixRates(rates())
    #expect(admitted(30, &prefixes, at: at(0)) == 10)
    #expect(admitted(5, &prefixes, at: at(99)) == 0)
    #expect(admitted(5, &prefixes, at: at(100)) == 1)
    #expect(admitted(30, &prefixes, at: at(60_000)) == 10, "what is not used is not saved up")
  }

  @Test("are counted for writes and reads apart")
  func apart() {
    var prefixes = PrefixRates(rates())
    #expect(admitted(30, &prefixes, at: at(0)) == 10)
    #expect(admitted(30, &prefixes, isWrite: false, at: at(0)) == 20)
  }

  @Test("hold exactly over a long time, whatever the rate", arguments: [1, 3, 7, 3_500])
  func exact(rate: Int64) {
    var limiter = RateLimiter()
    var count: Int64 = 0
    for millisecond: Int64 in 0..<20_000 {
      for _ in 0..<4 where limiter.admit(at: at(millisecond), perSecond: rate) { count += 1 }
    }
    // A full bucket at first, and twenty seconds.
    let offered: Int64 = 80_000
    #expect(abs(count - min(offered, rate * 21)) <= rate / 100 + 1)
  }

  @Test("of one folder are those of all keys at first; a folder that stays hot gets its own")
  func split() {
    var prefixes = PrefixRates(rates())
    for second: Int64 in 0..<60 {
      #expect(admitted(20, &prefixes, key: "data/1/\(second)", at: at(second * 1_000)) == 10)
      #expect(admitted(1, &prefixes, key: "other/\(second)", at: at(second * 1_000)) == 0)
    }
    #expect(prefixes.prefixes.map(\.description) == [""])
    #expect(prefixes.admit(ObjectKey("data/1/x"), isWrite: true, at: at(60_000)) == .admitted)
    _ = admitted(9, &prefixes, at: at(60_000))
    #expect(prefixes.admit(ObjectKey("data/1/y"), isWrite: true, at: at(60_000)) == .refusedAndSplit)
    #expect(prefixes.prefixes.map(\.description) == ["", "data/"])
    #expect(admitted(30, &prefixes, key: "data/1/x", at: at(62_000)) == 10)
    #expect(admitted(30, &prefixes, key: "other/1", at: at(62_000)) == 10, "the others have room again")
  }

  @Test("of a partition that is hot only now and then stay as they are")
  func cooled() {
    var prefixes = PrefixRates(rates(splitAfter: .seconds(20)))
    for round: Int64 in 0..<20 { _ = admitted(20, &prefixes, at: at(round * 10_000)) }
    #expect(prefixes.prefixes.count == 1)
  }

  @Test("of a partition without folders are split by the next byte")
  func splitByByte() {
    var prefixes = PrefixRates(rates(splitAfter: .zero))
    for _ in 0..<2 { _ = admitted(20, &prefixes, key: "ab", at: at(0)) }
    #expect(prefixes.prefixes.contains(ObjectKey("a")) && prefixes.prefixes.contains(ObjectKey("ab")))
  }

  @Test("above which requests are refused with SlowDown after 5 to 20 milliseconds, are counted and not applied")
  func refusals() throws {
    let cluster = TestCluster { $0.store.rates = rates() }
    let answers = (0..<25).map { number in
      cluster.send(
        PutObject(key: ObjectKey("k\(number)"), body: [1], condition: .none, attempt: 0), to: cluster.store)
    }
    let begin = cluster.now
    cluster.run(for: .milliseconds(50))
    let refused = answers.filter { $0.error as? ObjectStoreError == .slowDown }
    #expect(refused.count == 15)
    #expect(cluster.usage.throttled == 15 && cluster.usage.put == 10)
    #expect(cluster.count(of: .prefixThrottled) == 15)
    let times = Set(refused.compactMap { $0.time.map { $0 - begin } })
    #expect(times.allSatisfy { .milliseconds(7) <= $0 && $0 <= .milliseconds(22) } && times.count > 5)
  }

  @Test("fall to what a fault leaves of them, and come back")
  func squeezed() throws {
    let cluster = TestCluster { $0.store.rates = rates(writes: 100) }
    func refused(_ count: Int) -> Int {
      let answers = (0..<count).map { _ in
        cluster.send(DeleteObject(key: ObjectKey("k")), to: cluster.store)
      }
      cluster.run(for: .seconds(2))
      return answers.count { $0.error as? ObjectStoreError == .slowDown }
    }
    #expect(refused(50) == 0)
    cluster.trouble("objectStoreRate", [100_000])
    #expect(refused(50) == 40)
    cluster.trouble("objectStoreRate", [100_000], begins: false)
    #expect(refused(50) == 0)
    #expect(cluster.simulation.faultCounts.first { $0.kind == "objectStoreRate" }?.fired == 40)
  }
}
