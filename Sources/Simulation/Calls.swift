/// One task's wait for an answer.
final class PendingCall<Response: Payload>: Suspension<Response> {
  let target: Machine

  init(host: Host, label: StaticString, target: Machine) {
    self.target = target
    super.init(host: host, label: label)
  }

  override var detail: String { "an answer of \(target.name)" }

  override func fire(_ simulation: Simulation) {
    simulation.record(.timedOut, on: host) { $0.number("target", UInt64(target.id.rawValue)) }
    fail(NetworkError.timedOut)
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
    let call = PendingCall<Content.Response>(host: self, label: Content.kind.name, target: machine)
    return try await call.wait {
      schedule(call, after: deadline)
      transmit(RequestEnvelope(request, call: call, source: self.machine, target: machine, sender: identity))
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
