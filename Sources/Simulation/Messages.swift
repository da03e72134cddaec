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
  /// The connection broke between the request and its answer: the receiver may have acted or not.
  case reset
  /// The machine answers that nobody runs there: the receiver has not acted.
  case refused
  /// The receiver does not know this kind of request: a defect of the caller.
  case unknownRequest

  /// Whether the receiver may have acted on the request all the same.
  public var leavesOutcomeOpen: Bool { self == .timedOut || self == .reset }
}

/// An error that an answer can carry back to the caller.
public protocol ReplyError: Error, Sendable, EventContent {}

/// Names a machine of a simulation.
public struct HostID: Sendable, Hashable, Comparable {
  /// The machine's place in the order of creation.
  public let rawValue: UInt32

  /// Makes an identifier.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Whether one machine was made before another.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Who sent a message, as its receiver sees it.
public struct Sender: Sendable, Hashable {
  /// The sending machine.
  public let host: HostID
  /// The sender's incarnation.
  public let incarnation: Int
}
