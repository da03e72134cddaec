import Simulation

/// Takes up the identity of an idempotent producer; earlier users of the name are fenced.
public struct InitializeProducer: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 30, name: "InitializeProducer")
  /// What the producer calls itself.
  public var name: String
  /// Rises with each request of an incarnation; the same number asks for the same answer.
  public var request: UInt64
  /// The identity that the sender holds and wants renewed: refused when somebody else has followed. Nil takes the name over from whoever has it.
  public var replacing: ProducerIdentity?

  /// The identity.
  public struct Response: Payload {
    /// The identity with its new epoch.
    public var identity: ProducerIdentity
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      log.number("producer", identity.id)
      log.number("epoch", UInt64(identity.epoch))
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + name.utf8.count }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.text("name", name)
    log.number("request", request)
    if let replacing { log.number("replacing", UInt64(replacing.epoch)) }
  }
}
