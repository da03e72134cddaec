import Simulation

/// Opens a client's connection to an agent: one round trip before the first request.
public struct OpenConnection: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 41, name: "OpenConnection")

  /// Makes the request.
  public init() {}

  /// The connection is open.
  public struct Response: Payload {
    /// Makes the answer.
    public init() {}
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// It has no fields.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead }
  /// It has no fields.
  public func describe(into log: EventLog) {}
}
