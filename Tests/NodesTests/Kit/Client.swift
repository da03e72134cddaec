import Simulation
import Testing

/// A machine that sends what a test tells it, and answers as a test tells it.
actor Client {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  init(host: Host) { self.host = host }
}

/// What became of something that was begun. Sendable because it is confined to its test's thread.
final class Answer<Value: Sendable>: @unchecked Sendable {
  private(set) var result: Result<Value, any Error>?
  /// When it came.
  private(set) var time: VirtualTime?

  var isThere: Bool { result != nil }
  var value: Value? { try? result?.get() }
  var error: (any Error)? {
    if case .failure(let error) = result { error } else { nil }
  }

  func settle(_ result: Result<Value, any Error>, at time: VirtualTime) {
    self.result = result
    self.time = time
  }
}

extension TestCluster {
  /// Begins something on a machine's node; its outcome is seen as time moves on.
  func begin<Node: Actor, Value: Sendable>(
    on node: Node, of id: HostID, _ body: @escaping @Sendable (isolated Node) async throws -> Value
  ) -> Answer<Value> {
    let answer = Answer<Value>()
    simulation.host(id)?.spawn("test", on: node) { [unowned self] node in
      do {
        let value = try await body(node)
        answer.settle(.success(value), at: now)
      } catch let crash as HostCrashed {
        throw crash
      } catch {
        answer.settle(.failure(error), at: now)
      }
    }
    return answer
  }

  /// Does something on a machine's node and lets time pass until it is done.
  @discardableResult
  func finish<Node: Actor, Value: Sendable>(
    on node: Node, of id: HostID, _ body: @escaping @Sendable (isolated Node) async throws -> Value
  ) throws -> Value {
    let answer = begin(on: node, of: id, body)
    run(until: "an end", within: .seconds(600), step: .microseconds(50)) { answer.isThere }
    guard let result = answer.result else { throw NoAnswer() }
    return try result.get()
  }

  /// Sends a request as a client; its answer is seen as time moves on.
  @discardableResult
  func send<Content: Request>(
    _ request: Content, to target: HostID, as client: Int = 0, within deadline: VirtualDuration = .seconds(300)
  ) -> Answer<Content.Response> {
    begin(on: clients[client]!, of: self.client(client)) { client in
      try await client.host.call(request, to: target, deadline: deadline)
    }
  }

  /// Sends a request as a client and lets time pass until it is answered.
  ///
  /// - Throws: What the request was refused with.
  @discardableResult
  func ask<Content: Request>(
    _ request: Content, of target: HostID, as client: Int = 0, within deadline: VirtualDuration = .seconds(300)
  ) throws -> Content.Response {
    let answer = send(request, to: target, as: client, within: deadline)
    run(until: "an answer", within: deadline + .seconds(1), step: .microseconds(50)) { answer.isThere }
    guard let result = answer.result else { throw NoAnswer() }
    return try result.get()
  }

  /// Lets a client answer a kind of request, as a node of the test's own.
  func serve<Content: Request>(
    _ type: Content.Type, as client: Int,
    _ body: @escaping @Sendable (isolated Client, Content) async throws -> Content.Response
  ) {
    let client = clients[client]!
    client.host.serve(type, on: client) { node, request, _ in try await body(node, request) }
  }
}

/// A run ended before something was answered.
struct NoAnswer: Error {}
