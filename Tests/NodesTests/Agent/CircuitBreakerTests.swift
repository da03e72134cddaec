import Simulation
import Testing

@testable import Nodes

@Suite("The breaker before the object store")
struct CircuitBreakerTests {
  private var breaker = CircuitBreaker(BreakerConfiguration())

  private mutating func ask(_ time: VirtualTime) -> CircuitBreaker.Permit? { breaker.ask(at: time) }

  private mutating func admitted(_ time: VirtualTime) throws -> CircuitBreaker.Permit {
    let permit = ask(time)
    return try #require(permit)
  }

  private mutating func fail(_ times: Int, at now: VirtualTime = .start) throws {
    for _ in 0..<times {
      let permit = try admitted(now)
      breaker.failed(permit, at: now)
    }
  }

  @Test("opens after five failures in a row, and lets nothing through for thirty seconds")
  mutating func opens() throws {
    try fail(4)
    #expect(breaker.state == .closed(failures: 4))
    try fail(1)
    #expect(breaker.state == .open(until: at(30_000)))
    #expect(breaker.ask(at: .start) == nil)
    #expect(breaker.nextChance(at: at(10_000)) == .seconds(20))
    #expect(breaker.ask(at: at(29_999)) == nil)
    #expect(breaker.ask(at: at(30_000)) != nil)
  }

  @Test("begins to count anew after a success")
  mutating func successBetween() throws {
    try fail(4)
    breaker.succeeded(try admitted(.start))
    try fail(4)
    #expect(breaker.state == .closed(failures: 4))
  }

  @Test("half open lets one request at a time try, and closes after two successes")
  mutating func closes() throws {
    try fail(5)
    let first = try admitted(at(30_000))
    #expect(breaker.ask(at: at(30_000)) == nil, "one tries already")
    #expect(breaker.nextChance(at: at(30_000)) == nil, "its outcome decides, not time")
    breaker.succeeded(first)
    #expect(breaker.state == .halfOpen(successes: 1, isTrying: false))
    breaker.succeeded(try admitted(at(30_001)))
    #expect(breaker.state == .closed(failures: 0))
  }

  @Test("half open opens for another thirty seconds when the one that tries fails")
  mutating func opensAgain() throws {
    try fail(5)
    breaker.failed(try admitted(at(30_000)), at: at(31_000))
    #expect(breaker.state == .open(until: at(61_000)))
  }

  @Test("rests no longer than it is told to, from then on and where it rests already", arguments: [2, 40])
  mutating func shorterRest(seconds: Int64) throws {
    let rest = min(VirtualDuration.seconds(seconds), .seconds(30))
    try fail(5)
    breaker.rest(atMost: .seconds(seconds), at: at(10_000))
    let end = min(at(30_000), at(10_000) + rest)
    #expect(breaker.state == .open(until: end))
    breaker.failed(try admitted(end), at: end)
    #expect(breaker.state == .open(until: end + rest))
  }

  @Test("does not take what was under way when it opened for a sign of recovery, nor for another failure")
  mutating func stragglers() throws {
    let (one, other) = (try admitted(.start), try admitted(.start))
    try fail(5)
    breaker.succeeded(one)
    #expect(breaker.state == .open(until: at(30_000)))
    _ = breaker.ask(at: at(30_000))
    breaker.succeeded(one)
    breaker.failed(other, at: at(30_000))
    #expect(breaker.state == .halfOpen(successes: 0, isTrying: true))
  }

  @Test("lets another one try when the one that was to try is not made after all")
  mutating func givenBack() throws {
    try fail(5)
    breaker.givenBack(try admitted(at(30_000)))
    #expect(breaker.ask(at: at(30_000)) != nil)
  }

  @Test("that is to allow no failures is never open")
  mutating func never() throws {
    var configuration = BreakerConfiguration()
    configuration.failures = 0
    breaker = CircuitBreaker(configuration)
    try fail(1_000)
    #expect(breaker.ask(at: .start) != nil)
  }

  @Test("of an agent spares a store that is out, and lets everything through once it is back")
  func inAnAgent() throws {
    let cluster = TestCluster {
      $0.agents = 1
      $0.agent.breaker.rest = .seconds(5)
    }
    cluster.awaitLeaders()
    cluster.trouble("objectStoreOutage")
    let answer = cluster.send(Produce("a"), to: cluster.agent(0))
    cluster.run(for: .seconds(10))
    #expect(cluster.count(of: .breakerOpened) >= 1)
    cluster.trouble("objectStoreOutage", begins: false)
    cluster.run(until: "it is stored", within: .seconds(10)) { answer.isThere }
    #expect(cluster.values() == ["a"])
    try cluster.ask(Produce("b"), of: cluster.agent(0))
    #expect(cluster.count(of: .breakerHalfOpened) >= 1)
    #expect(cluster.count(of: .breakerClosed) == 1)
  }
}

@Suite("The rate of requests to the object store")
struct AdaptiveRateTests {
  private var rate = AdaptiveRate(AdaptiveRateConfiguration(), at: .start)

  private mutating func takeAll() -> VirtualDuration? {
    for _ in 0..<5_000 where rate.take(at: .start) != nil { Issue.record("less than the burst") }
    return rate.take(at: .start)
  }

  @Test("begins at 3,000 a second after 5,000 at once, and says how long to wait")
  mutating func begins() throws {
    let first = takeAll()
    let wait = try #require(first)
    #expect(wait == .microseconds(334))
    #expect(rate.take(at: .start + wait) == nil)
    #expect(rate.take(at: .start + wait) != nil)
    var taken = 0
    while rate.take(at: .start + .seconds(1)) == nil { taken += 1 }
    #expect((2_998...2_999).contains(taken), "one was taken before")
  }

  @Test("halves when the store throttles, down to 100 a second")
  mutating func halves() {
    rate.throttled()
    #expect(rate.rate == 1_500_000)
    for _ in 0..<10 { rate.throttled() }
    #expect(rate.rate == 100_000)
  }

  @Test("grows by a twentieth with each success, up to 10,000 a second")
  mutating func grows() {
    rate.succeeded()
    #expect(rate.rate == 3_150_000)
    for _ in 0..<100 { rate.succeeded() }
    #expect(rate.rate == 10_000_000)
  }

  @Test("gathers no more than the burst, however long nothing is asked")
  mutating func burst() {
    var taken = 0
    while rate.take(at: at(3_600_000_000)) == nil { taken += 1 }
    #expect(taken == 5_000)
  }

  @Test("has a token again that was not used")
  mutating func unused() {
    _ = takeAll()
    rate.giveBack()
    #expect(rate.take(at: .start) == nil)
  }
}
