/// A kind of message: a small code, unique in a program, and a name for people.
public struct MessageKind: Sendable {
  /// Below 128; the reply to a request has the same code.
  public let code: UInt8
  /// The name shown in traces.
  public let name: StaticString

  /// Makes a kind.
  public init(code: UInt8, name: StaticString) {
    self.code = code
    self.name = name
  }
}

/// What travels over the simulated network.
public protocol Payload: Sendable, EventContent {
  /// Its length on the wire in bytes, headers included; it costs bandwidth.
  var wireSize: Int { get }
}

/// A one-way message.
public protocol Message: Payload {
  /// Tells receivers what it is.
  static var kind: MessageKind { get }
}

/// A message that is answered.
public protocol Request: Message {
  /// What the answer holds.
  associatedtype Response: Payload
}

/// Why a call brought no answer of its receiver.
public enum NetworkError: Error, Sendable, Hashable {
  /// Nothing came before the deadline: the receiver may have acted or not.
  case timedOut
  /// The machine answers that nobody runs there: the receiver has not acted.
  case refused
  /// The receiver does not know this kind of request: a defect of the caller.
  case unknownRequest
}

/// An error that an answer can carry back to the caller.
public protocol ReplyError: Error, Sendable, EventContent {}

/// Names a machine of a simulation.
public struct HostID: Sendable, Hashable, Comparable {
  /// The machine's place in the order of creation.
  public let rawValue: UInt32

  /// Makes an identifier.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Who sent a message, as its receiver sees it.
public struct Sender: Sendable, Hashable {
  /// The sending machine.
  public let host: HostID
  /// The sender's incarnation.
  public let incarnation: Int
}

// MARK: - On the wire

/// A message on its way.
class Envelope: Scheduled {
  let source: Machine
  let target: Machine
  let sender: Sender
  /// When it leaves the sender's CPU queue and interface; until then a pause holds it and a crash loses it.
  var departure = VirtualTime.start

  init(source: Machine, target: Machine, sender: Sender) {
    self.source = source
    self.target = target
    self.sender = sender
  }

  var kind: MessageKind { preconditionFailure("an envelope knows its kind") }
  var size: Int { preconditionFailure("an envelope knows its size") }
  var isReply: Bool { false }
  func describe(into log: EventLog) {}
  /// Hands the content to the receiver's handler.
  func deliver(to host: Host) {}
  /// The receiving machine has no running incarnation.
  func refuse() {}
  /// The same content once more, for the duplicate that a faulty network makes.
  func copy() -> Envelope { preconditionFailure("an envelope can be copied") }

  final override func fire(_ simulation: Simulation) { simulation.network.arrive(self) }
}

final class MessageEnvelope<Content: Message>: Envelope {
  let content: Content

  init(_ content: Content, source: Machine, target: Machine, sender: Sender) {
    self.content = content
    super.init(source: source, target: target, sender: sender)
  }

  override var kind: MessageKind { Content.kind }
  override var size: Int { content.wireSize }
  override func describe(into log: EventLog) { content.describe(into: log) }
  override func copy() -> Envelope { MessageEnvelope(content, source: source, target: target, sender: sender) }

  override func deliver(to host: Host) {
    guard let handler = host.handlers[Int(Content.kind.code)] else { return }
    unsafeDowncast(handler, to: MessageHandler<Content>.self).receive(content, sender)
  }
}

/// Sendable because it is confined, like its hosts, to the run's thread.
final class RequestEnvelope<Content: Request>: Envelope, @unchecked Sendable {
  let content: Content
  let call: PendingCall<Content.Response>

  init(
    _ content: Content, call: PendingCall<Content.Response>, source: Machine, target: Machine, sender: Sender
  ) {
    self.content = content
    self.call = call
    super.init(source: source, target: target, sender: sender)
  }

  override var kind: MessageKind { Content.kind }
  override var size: Int { content.wireSize }
  override func describe(into log: EventLog) { content.describe(into: log) }
  override func copy() -> Envelope {
    RequestEnvelope(content, call: call, source: source, target: target, sender: sender)
  }

  override func deliver(to host: Host) {
    guard let handler = host.handlers[Int(Content.kind.code)] else {
      reply(.failure(NetworkError.unknownRequest), from: host)
      return
    }
    unsafeDowncast(handler, to: RequestHandler<Content>.self).receive(self, host)
  }

  override func refuse() {
    let answer = ReplyEnvelope<Content>(
      .failure(NetworkError.refused), call: call, source: target, target: source,
      sender: Sender(host: target.id, incarnation: target.incarnation))
    source.simulation.network.transmitFromIdleMachine(answer)
  }

  func reply(_ result: Result<Content.Response, any Error>, from host: Host) {
    host.transmit(
      ReplyEnvelope<Content>(
        result, call: call, source: target, target: source,
        sender: Sender(host: target.id, incarnation: host.incarnation)))
  }
}

final class ReplyEnvelope<Content: Request>: Envelope {
  let result: Result<Content.Response, any Error>
  let call: PendingCall<Content.Response>

  init(
    _ result: Result<Content.Response, any Error>, call: PendingCall<Content.Response>, source: Machine,
    target: Machine, sender: Sender
  ) {
    self.result = result
    self.call = call
    super.init(source: source, target: target, sender: sender)
  }

  override var kind: MessageKind { Content.kind }
  override var isReply: Bool { true }
  override var size: Int {
    if case .success(let response) = result { response.wireSize } else { 64 }
  }

  override func describe(into log: EventLog) {
    switch result {
    case .success(let response): response.describe(into: log)
    case .failure(let error as any ReplyError): error.describe(into: log)
    case .failure(let error): log.text("error", "\(error)")
    }
  }

  override func copy() -> Envelope {
    ReplyEnvelope(result, call: call, source: source, target: target, sender: sender)
  }

  // An answer that comes after the deadline, twice, or for an earlier incarnation finds nobody waiting.
  override func deliver(to host: Host) {
    guard call.host === host else { return }
    switch result {
    case .success(let response): call.resume(response)
    case .failure(let error): call.fail(error)
    }
  }
}

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

/// What receives one kind of one-way message.
final class MessageHandler<Content: Message> {
  let receive: (Content, Sender) -> Void
  init(_ receive: @escaping (Content, Sender) -> Void) { self.receive = receive }
}

/// What receives one kind of request.
final class RequestHandler<Content: Request> {
  let receive: (RequestEnvelope<Content>, Host) -> Void
  init(_ receive: @escaping (RequestEnvelope<Content>, Host) -> Void) { self.receive = receive }
}

// MARK: - What node code calls

extension Host {
  /// Sends a one-way message; whether it arrives nobody is told.
  public func send<Content: Message>(_ message: Content, to target: HostID) {
    guard !isCrashed else { return }
    let machine = simulation.machines[Int(target.rawValue)]
    transmit(MessageEnvelope(message, source: self.machine, target: machine, sender: identity))
  }

  /// Sends a request and waits for its answer.
  ///
  /// - Parameter deadline: The longest wait, in this host's time.
  /// - Throws: ``NetworkError``, ``HostCrashed``, or the ``ReplyError`` that the receiver's handler threw.
  public func call<Content: Request>(
    _ request: Content, to target: HostID, deadline: VirtualDuration
  ) async throws -> Content.Response {
    let machine = simulation.machines[Int(target.rawValue)]
    let call = PendingCall<Content.Response>(host: self, label: Content.kind.name, target: machine)
    return try await call.wait {
      simulation.schedule(call, at: simulation.now + self.machine.clock.trueDuration(ofLocal: deadline))
      transmit(RequestEnvelope(request, call: call, source: self.machine, target: machine, sender: identity))
    }
  }

  /// Receives one kind of one-way message on an actor of this host, at once and in one step.
  public func receive<Node: Actor, Content: Message>(
    _ type: Content.Type, on node: Node, _ body: @escaping @Sendable (isolated Node, Content, Sender) -> Void
  ) {
    handlers[Int(Content.kind.code)] = MessageHandler<Content> { message, sender in
      node.assumeIsolated { body($0, message, sender) }
    }
  }

  /// Answers one kind of request on an actor of this host, a task for each request.
  ///
  /// A ``ReplyError`` that the body throws is the answer; any other error is a defect of the node and ends the run.
  public func serve<Node: Actor, Content: Request>(
    _ type: Content.Type, on node: Node,
    _ body: @escaping @Sendable (isolated Node, Content, Sender) async throws -> Content.Response
  ) {
    handlers[Int(Content.kind.code)] = RequestHandler<Content> { envelope, host in
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
    handlers[Int(Content.kind.code)] = RequestHandler<Content> { envelope, host in
      let content = envelope.content
      let sender = envelope.sender
      do {
        envelope.reply(.success(try node.assumeIsolated { try body($0, content, sender) }), from: host)
      } catch let error as any ReplyError {
        envelope.reply(.failure(error), from: host)
      } catch {
        host.taskFailed(Content.kind.name, error)
      }
    }
  }

  var identity: Sender { Sender(host: id, incarnation: incarnation) }

  func transmit(_ envelope: Envelope) {
    guard !isCrashed else { return }
    simulation.network.transmit(envelope, departingAfter: machine.readyToSend(at: simulation.now))
  }
}
