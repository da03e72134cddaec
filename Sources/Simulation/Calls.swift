/// A wait for an answer.
class PendingCall<Response: Payload>: Suspension<Response> {
  final let target: Machine
  final let kind: MessageKind
  /// When the request was sent, in true time.
  final let begunAt: VirtualTime

  init(host: Host, kind: MessageKind, target: Machine) {
    self.target = target
    self.kind = kind
    begunAt = host.simulation.now
    super.init(host: host, label: kind.name)
  }

  override var detail: String { "an answer of \(target.name)" }

  override func fire(_ simulation: Simulation) {
    simulation.record(.timedOut, on: host) { $0.number("target", UInt64(target.id.rawValue)) }
    tellWatcher(NetworkError.timedOut)
    fail(NetworkError.timedOut)
  }

  /// Tells whoever watches the run that this wait is over.
  final func tellWatcher(_ error: (any Error)?, answerBytes: Int = 0) {
    guard isPending, let watcher = host.simulation.watcher else { return }
    let duration = host.simulation.now - begunAt
    watcher.heard(
      WatchedRequest(kind: kind, duration: duration, error: error, answerBytes: answerBytes), on: host)
  }
}

/// The wait for an answer that no task waits for: a node hears of it in a step of its own.
private final class PostedCall<Node: Actor, Response: Payload>: PendingCall<Response> {
  private let node: Node
  private let index: Int
  private let step: OutcomeStep<Node, Response>

  init(host: Host, kind: MessageKind, target: Machine, node: Node, index: Int, step: OutcomeStep<Node, Response>) {
    self.node = node
    self.index = index
    self.step = step
    super.init(host: host, kind: kind, target: target)
  }

  // The run loop is delivering to this host.
  override func resume(_ value: Response) { settle(.success(value)) }

  override func fail(_ error: any Error) {
    // After a crash nobody is there to hear of it.
    if error is HostCrashed { end() } else { settle(.failure(error)) }
  }

  private func settle(_ result: Result<Response, any Error>) {
    guard isPending else { return }
    end()
    // The step does not throw.
    try? step.run(node, (index, result), host.identity)
  }

  // A timer is not a delivery: what it sets going is a job of the host's, which a pause holds.
  override func fire(_ simulation: Simulation) {
    guard isPending else { return }
    simulation.record(.timedOut, on: host) { $0.number("target", UInt64(target.id.rawValue)) }
    tellWatcher(NetworkError.timedOut)
    end()
    host.spawn(label, on: node) { [step, index, host] node in
      try step.run(node, (index, .failure(NetworkError.timedOut)), host.identity)
    }
  }
}

// MARK: - What node code calls

extension Host {
  /// Sends a one-way message; whether it arrives nobody is told.
  public func send<Content: Message>(_ message: Content, to target: HostID) {
    guard !isOver else { return }
    let machine = simulation.machineTable[target]
    transmit(MessageEnvelope(message, source: self.machine, target: machine, sender: identity))
  }

  /// Sends a request and waits for its answer.
  ///
  /// - Parameter deadline: The longest wait, in this host's time.
  /// - Throws: ``NetworkError``, ``HostCrashed``, or the ``ReplyError`` that the receiver's handler threw.
  public func call<Content: Request>(
    _ request: Content, to target: HostID, deadline: VirtualDuration
  ) async throws -> Content.Response {
    let machine = simulation.machineTable[target]
    let call = PendingCall<Content.Response>(host: self, kind: Content.kind, target: machine)
    return try await call.wait {
      schedule(call, after: deadline)
      transmit(RequestEnvelope(request, call: call, source: self.machine, target: machine, sender: identity))
    }
  }

  /// Sends requests of one kind in one message and tells a node of each one's outcome, by its place in the list, without a task to wait for it.
  ///
  /// The requests share the message's fate on the way and are answered one by one. Each has the longest wait for its answer beside it, in this host's time. The outcome is the answer, the ``ReplyError`` that the receiver's handler threw, or a ``NetworkError``; after a crash there is none.
  public func post<Node: Actor, Content: Request>(
    _ requests: [(request: Content, deadline: VirtualDuration)], to target: HostID, from node: Node,
    _ body: @escaping @Sendable (isolated Node, _ index: Int, Result<Content.Response, any Error>) -> Void
  ) {
    guard !isOver, !requests.isEmpty else { return }
    let machine = simulation.machineTable[target]
    let step = OutcomeStep<Node, Content.Response> { node, outcome, _ in body(node, outcome.0, outcome.1) }
    var parts: [RequestEnvelope<Content>] = []
    parts.reserveCapacity(requests.count)
    // Counted by hand: what generic code does with pairs or indices asks the runtime for the type of each.
    var index = 0
    while index < requests.count {
      let call = PostedCall(
        host: self, kind: Content.kind, target: machine, node: node, index: index, step: step)
      register(call)
      schedule(call, after: requests[index].deadline)
      parts.append(
        RequestEnvelope(
          requests[index].request, call: call, source: self.machine, target: machine, sender: identity))
      index += 1
    }
    if parts.count == 1 {
      transmit(parts[0])
    } else {
      transmit(BundleEnvelope(parts, source: self.machine, target: machine, sender: identity))
    }
  }

  /// Receives one kind of one-way message on an actor of this host, at once and in one step.
  public func receive<Node: Actor, Content: Message>(
    _ type: Content.Type, on node: Node, _ body: @escaping @Sendable (isolated Node, Content, Sender) -> Void
  ) {
    adopt(node)
    handle(Content.kind, MessageHandler(node, body))
  }

  /// Answers one kind of request on an actor of this host, a task for each request.
  ///
  /// A ``ReplyError`` that the body throws is the answer; any other error is a defect of the node and ends the run.
  public func serve<Node: Actor, Content: Request>(
    _ type: Content.Type, on node: Node,
    _ body: @escaping @Sendable (isolated Node, Content, Sender) async throws -> Content.Response
  ) {
    adopt(node)
    handle(Content.kind, RequestHandler(node, body))
  }

  /// Answers one kind of request on an actor of this host at once, without a task.
  public func answer<Node: Actor, Content: Request>(
    _ type: Content.Type, on node: Node,
    _ body: @escaping @Sendable (isolated Node, Content, Sender) throws -> Content.Response
  ) {
    adopt(node)
    handle(Content.kind, AnsweringHandler(node, body))
  }

  /// Begins to answer one kind of request on an actor of this host at once and in one step, so that requests are taken in the order in which they come; each answer is sent when it is there, without a task that waits for it.
  public func serveStepwise<Node: Actor, Content: Request>(
    _ type: Content.Type, on node: Node,
    _ body: @escaping @Sendable (isolated Node, Content, Sender, Reply<Content>) -> Void
  ) {
    adopt(node)
    handle(Content.kind, SteppingHandler(node, body))
  }

  private func handle(_ kind: MessageKind, _ handler: Handler) {
    // A handler of a dead incarnation would never be called, and would keep its node for ever.
    guard !isOver else { return }
    // Assigned as a whole: a variable that is changed in place is checked for exclusive access at every delivery.
    var all = handlers
    all[Int(kind.code)] = handler
    handlers = all
  }

  var identity: Sender { Sender(host: id, incarnation: incarnation) }

  func transmit(_ envelope: Envelope) {
    guard !isOver else { return }
    simulation.network.transmit(envelope, departingAfter: machine.readyToSend(at: simulation.now))
  }
}
