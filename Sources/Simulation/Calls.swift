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

/// What receives one kind of message on a host.
final class Handler {
  /// The only type of envelope that `receive` may be given: it casts without a check.
  let envelopeType: Envelope.Type
  let receive: (Envelope, Host) -> Void

  init(_ envelopeType: Envelope.Type, _ receive: @escaping (Envelope, Host) -> Void) {
    self.envelopeType = envelopeType
    self.receive = receive
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
    let step = stepping(body)
    handle(Content.kind, MessageEnvelope<Content>.self) { envelope, _ in
      step(node, envelope.content, envelope.sender)
    }
  }

  /// Answers one kind of request on an actor of this host, a task for each request.
  ///
  /// A ``ReplyError`` that the body throws is the answer; any other error is a defect of the node and ends the run.
  public func serve<Node: Actor, Content: Request>(
    _ type: Content.Type, on node: Node,
    _ body: @escaping @Sendable (isolated Node, Content, Sender) async throws -> Content.Response
  ) {
    handle(Content.kind, RequestEnvelope<Content>.self) { envelope, host in
      host.spawn(Content.kind.name, on: node) { node in
        do {
          envelope.reply(.success(try await body(node, envelope.content, envelope.sender)), from: host)
        } catch let error as any ReplyError {
          envelope.reply(.failure(error), from: host)
        }
      }
    }
  }

  /// Answers one kind of request on an actor of this host at once, without a task.
  public func answer<Node: Actor, Content: Request>(
    _ type: Content.Type, on node: Node,
    _ body: @escaping @Sendable (isolated Node, Content, Sender) throws -> Content.Response
  ) {
    adopt(node)
    let step = stepping(body)
    handle(Content.kind, RequestEnvelope<Content>.self) { envelope, host in
      do {
        envelope.reply(.success(try step(node, envelope.content, envelope.sender)), from: host)
      } catch let error as any ReplyError {
        envelope.reply(.failure(error), from: host)
      } catch {
        host.taskFailed(Content.kind.name, error)
      }
    }
  }

  private func handle<Kind: Envelope>(
    _ kind: MessageKind, _ type: Kind.Type, _ receive: @escaping (Kind, Host) -> Void
  ) {
    // A handler of a dead incarnation would never be called, and would keep its node for ever.
    guard !isOver else { return }
    // Assigned as a whole: a variable that is changed in place is checked for exclusive access at every delivery.
    var all = handlers
    all[Int(kind.code)] = Handler(type) { envelope, host in
      receive(unsafeDowncast(envelope, to: type), host)
    }
    handlers = all
  }

  var identity: Sender { Sender(host: id, incarnation: incarnation) }

  func transmit(_ envelope: Envelope) {
    guard !isOver else { return }
    simulation.network.transmit(envelope, departingAfter: machine.readyToSend(at: simulation.now))
  }
}
