/// A message on its way.
class Envelope: Scheduled {
  // Not counted: with very many hosts the sender has left the caches when its message arrives, and machines are as old as their simulation.
  unowned(unsafe) final let source: Machine
  final let target: Machine
  final let sender: Sender
  /// When it leaves the sender's CPU queue and interface; until then a pause holds it and a crash loses it.
  final var departure = VirtualTime.start
  final let link: Link
  /// The incarnation of the target that it is meant for; a later one does not get it.
  final let addressee: Int
  /// Whether it holds its place among the messages of its link; a delayed one may be overtaken.
  final var keepsOrder = true
  /// Whether its connection breaks under way: it is not delivered, and whoever waits for the answer hears of that.
  final var isReset = false

  init(source: Machine, target: Machine, sender: Sender, addressee: Int) {
    self.source = source
    self.target = target
    self.sender = sender
    self.addressee = addressee
    link = source.links.link(to: target.id)
  }

  var kind: MessageKind { preconditionFailure("an envelope knows its kind") }
  var size: Int { preconditionFailure("an envelope knows its size") }
  var isReply: Bool { false }
  func describe(into log: EventLog) {}
  /// Hands the content to the receiver's handler.
  func deliver(to host: Host) {
    let code = kind.code
    guard let handler = host.handlers[Int(code)] else {
      findNoHandler(on: host)
      return
    }
    guard type(of: self) == handler.envelopeType else {
      host.simulation.fail(.sharedMessageCode(code: code, name: "\(kind.name)"))
      return
    }
    handler.receive(self, on: host)
  }
  /// Nothing on the receiving host handles this kind.
  func findNoHandler(on host: Host) {}
  /// The receiving machine does not run the incarnation that it is meant for.
  func refuse() {}
  /// The connection broke before it arrived: tells the caller, if somebody waits for an answer.
  func breakConnection() {}
  /// The same content once more, for the duplicate that a faulty network makes.
  func copy() -> Envelope { preconditionFailure("an envelope can be copied") }

  final override func fire(_ simulation: Simulation) { simulation.network.arrive(self) }

  final override func isUnsent(by machine: Machine, at now: VirtualTime) -> Bool {
    source === machine && departure > now
  }
}

final class MessageEnvelope<Content: Message>: Envelope {
  let content: Content

  init(_ content: Content, source: Machine, target: Machine, sender: Sender) {
    self.content = content
    super.init(source: source, target: target, sender: sender, addressee: target.reachableIncarnation)
  }

  override var kind: MessageKind { Content.kind }
  override var size: Int { content.wireSize }
  override func describe(into log: EventLog) { content.describe(into: log) }
  override func copy() -> Envelope { MessageEnvelope(content, source: source, target: target, sender: sender) }

}

/// Sendable because it is confined, like its hosts, to the run's thread.
final class RequestEnvelope<Content: Request>: Envelope, @unchecked Sendable {
  let content: Content
  let call: PendingCall<Content.Response>
  /// When it was handed to its receiver.
  private var receivedAt = VirtualTime.start

  init(
    _ content: Content, call: PendingCall<Content.Response>, source: Machine, target: Machine, sender: Sender
  ) {
    self.content = content
    self.call = call
    super.init(source: source, target: target, sender: sender, addressee: target.reachableIncarnation)
  }

  override var kind: MessageKind { Content.kind }
  override var size: Int { content.wireSize }
  override func describe(into log: EventLog) { content.describe(into: log) }
  override func copy() -> Envelope {
    RequestEnvelope(content, call: call, source: source, target: target, sender: sender)
  }

  override func deliver(to host: Host) {
    receivedAt = host.simulation.now
    host.simulation.watcher?.received(Content.kind, on: host)
    super.deliver(to: host)
  }

  override func findNoHandler(on host: Host) { reply(.failure(NetworkError.unknownRequest), from: host) }

  override func refuse() { answer(.refused) }

  override func breakConnection() { answer(.reset) }

  // The machine answers, not a process that runs on it.
  private func answer(_ error: NetworkError) {
    let answer = ReplyEnvelope<Content>(
      .failure(error), call: call, source: target, target: source,
      sender: Sender(host: target.id, incarnation: target.incarnation), addressee: sender.incarnation)
    source.simulation.network.transmitFromIdleMachine(answer)
  }

  func reply(_ result: Result<Content.Response, any Error>, from host: Host) {
    if let watcher = host.simulation.watcher, !host.isOver {
      let duration = host.simulation.now - receivedAt
      watcher.served(
        WatchedRequest(kind: Content.kind, duration: duration, error: result.failure, answerBytes: 0), on: host)
    }
    host.transmit(
      ReplyEnvelope<Content>(
        result, call: call, source: target, target: source,
        sender: Sender(host: target.id, incarnation: host.incarnation), addressee: sender.incarnation))
  }
}

/// Requests of one kind that travel in one message: they share its fate on the way, and each is answered on its own.
final class BundleEnvelope<Content: Request>: Envelope {
  private let parts: [RequestEnvelope<Content>]

  init(_ parts: [RequestEnvelope<Content>], source: Machine, target: Machine, sender: Sender) {
    self.parts = parts
    super.init(source: source, target: target, sender: sender, addressee: target.reachableIncarnation)
  }

  override var kind: MessageKind { Content.kind }
  override var size: Int { parts.reduce(0) { $0 + $1.size } }
  override func describe(into log: EventLog) {
    log.number("requests", parts.count)
    for part in parts { part.describe(into: log) }
  }
  override func deliver(to host: Host) { for part in parts { part.deliver(to: host) } }
  override func refuse() { for part in parts { part.refuse() } }
  override func breakConnection() { for part in parts { part.breakConnection() } }
  override func copy() -> Envelope {
    // The parts never travel on their own, so the copy may share them.
    BundleEnvelope(parts, source: source, target: target, sender: sender)
  }
}

final class ReplyEnvelope<Content: Request>: Envelope {
  let result: Result<Content.Response, any Error>
  let call: PendingCall<Content.Response>

  init(
    _ result: Result<Content.Response, any Error>, call: PendingCall<Content.Response>, source: Machine,
    target: Machine, sender: Sender, addressee: Int
  ) {
    self.result = result
    self.call = call
    super.init(source: source, target: target, sender: sender, addressee: addressee)
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
    ReplyEnvelope(result, call: call, source: source, target: target, sender: sender, addressee: addressee)
  }

  // An answer that comes after the deadline or twice finds nobody waiting.
  override func deliver(to host: Host) {
    if isReset {
      call.tellWatcher(NetworkError.reset)
      return call.fail(NetworkError.reset)
    }
    if host.simulation.watcher != nil { call.tellWatcher(result.failure, answerBytes: size) }
    switch result {
    case .success(let response): call.resume(response)
    case .failure(let error): call.fail(error)
    }
  }
}

extension Result {
  fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
