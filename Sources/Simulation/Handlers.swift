/// What receives one kind of message on a host.
class Handler {
  /// The only type of envelope that `receive` may be given: it casts without a check.
  final let envelopeType: Envelope.Type

  init(_ envelopeType: Envelope.Type) { self.envelopeType = envelopeType }

  func receive(_ envelope: Envelope, on host: Host) { preconditionFailure("a handler receives") }
}

/// Receives one-way messages at once.
final class MessageHandler<Node: Actor, Content: Message>: Handler {
  private let node: Node
  private let step: Step<Node, Content, Void>

  init(_ node: Node, _ body: @escaping @Sendable (isolated Node, Content, Sender) -> Void) {
    self.node = node
    step = Step(body)
    super.init(MessageEnvelope<Content>.self)
  }

  override func receive(_ envelope: Envelope, on host: Host) {
    let envelope = unsafeDowncast(envelope, to: MessageEnvelope<Content>.self)
    // The body does not throw.
    try? step.run(node, envelope.content, envelope.sender)
  }
}

/// Answers requests at once.
final class AnsweringHandler<Node: Actor, Content: Request>: Handler {
  private let node: Node
  private let step: Step<Node, Content, Content.Response>

  init(_ node: Node, _ body: @escaping @Sendable (isolated Node, Content, Sender) throws -> Content.Response) {
    self.node = node
    step = Step(body)
    super.init(RequestEnvelope<Content>.self)
  }

  override func receive(_ envelope: Envelope, on host: Host) {
    let envelope = unsafeDowncast(envelope, to: RequestEnvelope<Content>.self)
    do {
      envelope.reply(.success(try step.run(node, envelope.content, envelope.sender)), from: host)
    } catch let error as any ReplyError {
      envelope.reply(.failure(error), from: host)
    } catch {
      host.taskFailed(Content.kind.name, error)
    }
  }
}

/// Answers requests, a task for each.
final class RequestHandler<Node: Actor, Content: Request>: Handler {
  private let node: Node
  private let body: @Sendable (isolated Node, Content, Sender) async throws -> Content.Response

  init(
    _ node: Node, _ body: @escaping @Sendable (isolated Node, Content, Sender) async throws -> Content.Response
  ) {
    self.node = node
    self.body = body
    super.init(RequestEnvelope<Content>.self)
  }

  override func receive(_ envelope: Envelope, on host: Host) {
    let envelope = unsafeDowncast(envelope, to: RequestEnvelope<Content>.self)
    host.spawn(Content.kind.name, on: node) { [body] node in
      do {
        envelope.reply(.success(try await body(node, envelope.content, envelope.sender)), from: host)
      } catch let error as any ReplyError {
        envelope.reply(.failure(error), from: host)
      }
    }
  }
}

/// The way back to who asked, for an answer that comes now or later. Sendable because it never leaves its host.
public struct Reply<Content: Request>: @unchecked Sendable {
  let envelope: RequestEnvelope<Content>
  let host: Host

  /// Sends the answer; a request has one.
  public func succeed(_ response: Content.Response) { envelope.reply(.success(response), from: host) }

  /// Sends a refusal.
  public func fail(_ error: any ReplyError) { envelope.reply(.failure(error), from: host) }
}

/// Begins to answer requests at once, in the order in which they come, and lets the answers come when they may.
final class SteppingHandler<Node: Actor, Content: Request>: Handler {
  private let node: Node
  private let step: Step<Node, (Content, Reply<Content>), Void>

  init(_ node: Node, _ body: @escaping @Sendable (isolated Node, Content, Sender, Reply<Content>) -> Void) {
    self.node = node
    step = Step { node, request, sender in body(node, request.0, sender, request.1) }
    super.init(RequestEnvelope<Content>.self)
  }

  override func receive(_ envelope: Envelope, on host: Host) {
    let envelope = unsafeDowncast(envelope, to: RequestEnvelope<Content>.self)
    // The body does not throw.
    try? step.run(node, (envelope.content, Reply(envelope: envelope, host: host)), envelope.sender)
  }
}
