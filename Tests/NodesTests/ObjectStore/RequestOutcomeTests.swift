import Simulation
import Testing

@testable import Nodes

@Suite("A request to the object store that goes wrong")
struct RequestOutcomeTests {
  let cluster = TestCluster()
  let key = ObjectKey("key")

  private var request: PutObject { PutObject(key: key, body: [1, 2, 3], condition: .ifNoneMatch, attempt: 9) }

  private func putEnds(_ outcome: RequestOutcome) -> Answer<PutObject.Response> {
    cluster.failRequests(of: cluster.client(0), [1: outcome])
    return cluster.send(request, to: cluster.store, within: .seconds(10))
  }

  @Test(
    "is refused at once and not applied",
    arguments: zip(
      [RequestOutcome.unavailable, .internalError, .badGateway, .slowDown, .expiredCredentials],
      [ObjectStoreError.unavailable, .internalError, .badGateway, .slowDown, .expiredCredentials]))
  func refusedBefore(outcome: RequestOutcome, error: ObjectStoreError) throws {
    let answer = putEnds(outcome)
    // Refusals take 5 to 20 ms, the way there and back two.
    cluster.run(for: .milliseconds(6))
    #expect(!answer.isThere)
    cluster.run(for: .milliseconds(17))
    #expect(answer.error as? ObjectStoreError == error)
    #expect(cluster.object(key) == nil)
    #expect(cluster.usage.put == 0, "what is not applied is not charged")
    #expect(cluster.usage.throttled == (outcome == .slowDown ? 1 : 0))
    try cluster.ask(request, of: cluster.store)
  }

  @Test("is applied and answered with an error: its writer finds itself refused by its own object")
  func appliedThenError() {
    let answer = putEnds(.appliedThenError)
    cluster.run(for: .milliseconds(20))
    #expect(answer.error as? ObjectStoreError == .internalError)
    #expect(cluster.object(key) == [1, 2, 3])
    #expect(throws: ObjectStoreError.preconditionFailed) { try cluster.ask(request, of: cluster.store) }
  }

  @Test("is applied and never answered")
  func appliedThenSilence() {
    let answer = putEnds(.appliedThenSilence)
    cluster.run(for: .milliseconds(20))
    #expect(cluster.object(key) == [1, 2, 3])
    #expect(!answer.isThere)
    cluster.run(for: .seconds(11))
    #expect(answer.error as? NetworkError == .timedOut)
  }

  @Test("is never applied and never answered")
  func neverApplied() {
    let answer = putEnds(.neverApplied)
    cluster.run(for: .seconds(120))
    #expect(answer.error as? NetworkError == .timedOut)
    #expect(cluster.object(key) == nil)
  }

  @Test("is applied half a minute late, when its caller has long given up: it overwrites what came between")
  func appliedLate() throws {
    cluster.failRequests(of: cluster.client(0), [1: .appliedLate])
    let late = cluster.send(
      PutObject(key: key, body: [1], condition: .none, attempt: 1), to: cluster.store, within: .seconds(10))
    cluster.run(for: .seconds(11))
    #expect(late.error as? NetworkError == .timedOut)
    #expect(cluster.object(key) == nil)
    try cluster.ask(PutObject(key: key, body: [2], condition: .none, attempt: 2), of: cluster.store)
    #expect(cluster.object(key) == [2])
    cluster.run(for: .seconds(25))
    #expect(cluster.object(key) == [1])
  }

  @Test("leaves the requests of other clients alone")
  func otherClients() throws {
    cluster.failRequests(of: cluster.client(0), [1: .unavailable])
    try cluster.ask(request, of: cluster.store, as: 1)
    #expect(throws: ObjectStoreError.unavailable) { try cluster.ask(request, of: cluster.store, as: 0) }
  }
}
