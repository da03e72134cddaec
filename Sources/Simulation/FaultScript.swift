/// What goes wrong in a run, and when: drawn or written before the run, so that it is always known, printable and editable.
public struct FaultScript: Sendable, Hashable {
  /// The faults by time.
  public var entries: [FaultEntry]
  /// Which single messages go wrong; nil lets the entries about links draw them.
  public var messages: [ListedMessageFault]?
  /// Which single requests to components go wrong; nil lets the entries about components draw them.
  public var requests: [ListedRequestFault]?

  /// Makes a script.
  public init(
    entries: [FaultEntry] = [], messages: [ListedMessageFault]? = nil, requests: [ListedRequestFault]? = nil
  ) {
    self.entries = entries
    self.messages = messages
    self.requests = requests
  }
}

/// One fault: when, what, on whom, for how long.
public struct FaultEntry: Sendable, Hashable {
  /// When it begins.
  public var at: VirtualTime
  /// How long it lasts; nil until everything is healed. For a crash, how long until the restart; for a process that is told to leave, how long after its end it starts again, nil being never.
  public var lasts: VirtualDuration?
  /// What happens.
  public var fault: Fault

  /// Makes an entry.
  public init(at: VirtualTime, lasts: VirtualDuration?, fault: Fault) {
    self.at = at
    self.lasts = lasts
    self.fault = fault
  }
}

/// What can go wrong for a time.
public enum Fault: Sendable, Hashable {
  /// The process dies; what its disk had not synced is lost. It starts again when the fault ends.
  case crash(host: String)
  /// The process dies and its machine is replaced: it starts again, when the fault ends, on an empty disk.
  case replace(host: String)
  /// The process is told to leave: it brings its work to an end and then ends itself.
  case drain(host: String)
  /// A machine that begins absent, or that has left for good, starts.
  case start(host: String)
  /// The process stalls: time goes on, no job of it runs, what it has not sent stays unsent.
  case pause(host: String)
  /// Messages from one set of hosts to another vanish, in one direction or both.
  case cut(from: [String], to: [String], bothWays: Bool)
  /// Messages from one set of hosts to another are held up, in one direction or both; all of them arrive when the fault ends.
  case clog(from: [String], to: [String], bothWays: Bool)
  /// Links from one set of hosts to another carry no more than so many bytes a second each; of what waits, no more than `queue` messages: the rest vanishes.
  case bandwidth(from: [String], to: [String], bytesPerSecond: Int64, queue: Int)
  /// Some messages on links from one set of hosts to another go wrong.
  case messages(
    MessageFault, from: [String], to: [String], partsPerMillion: UInt32, extra: VirtualDuration)
  /// A host's wall clock jumps; it jumps back when the fault ends.
  case clockStep(host: String, by: VirtualDuration)
  /// A host's clocks run faster (or slower) by parts per million.
  case clockDrift(host: String, partsPerMillion: Int64)
  /// Everything takes a host's CPU so many times longer.
  case slowCPU(host: String, factor: Int64)
  /// Every operation of a host's disk takes so much longer.
  case diskStall(host: String, extra: VirtualDuration)
  /// Some syncs of a host's disk fail, and what they were to make durable never will be.
  case diskErrors(host: String, partsPerMillion: UInt32)
  /// A host's disk takes no more bytes.
  case diskFull(host: String)
  /// One bit of what a host's disk holds flips.
  case bitFlip(host: String)
  /// A component fails in its own way, such as an outage of the object store.
  case component(host: String, name: String, values: [Int64])

  /// The kind's name in results and scenario files.
  public var kind: String {
    switch self {
    case .crash: "crash"
    case .drain: "drain"
    case .start: "start"
    case .pause: "pause"
    case .replace: "replace"
    case .cut: "partition"
    case .clog: "clog"
    case .bandwidth: "bandwidth"
    case .messages(.drop, _, _, _, _): "loss"
    case .messages(.duplicate, _, _, _, _): "duplicate"
    case .messages(.delay, _, _, _, _): "delay"
    case .messages(.reorder, _, _, _, _): "reorder"
    case .messages(.reset, _, _, _, _): "reset"
    case .clockStep: "clockStep"
    case .clockDrift: "clockDrift"
    case .slowCPU: "slowCPU"
    case .diskStall: "diskStall"
    case .diskErrors: "diskErrors"
    case .diskFull: "diskFull"
    case .bitFlip: "bitFlip"
    case .component(_, let name, _): name
    }
  }
}

/// One message that goes wrong: the `ordinal`th from one host to another.
public struct ListedMessageFault: Sendable, Hashable {
  /// The sender.
  public var from: String
  /// The receiver.
  public var to: String
  /// The message's number on that link; the first is 1.
  public var ordinal: UInt64
  /// What becomes of it.
  public var fault: MessageFault
  /// How much later it (or its duplicate) arrives.
  public var extra: VirtualDuration

  /// Makes an entry.
  public init(from: String, to: String, ordinal: UInt64, fault: MessageFault, extra: VirtualDuration) {
    self.from = from
    self.to = to
    self.ordinal = ordinal
    self.fault = fault
    self.extra = extra
  }
}

/// One request to a component that goes wrong: the client's `ordinal`th.
public struct ListedRequestFault: Sendable, Hashable {
  /// The component, such as the object store.
  public var component: String
  /// The client.
  public var client: String
  /// The request's number among the client's requests to that component; the first is 1.
  public var ordinal: UInt64
  /// The component's own code for what goes wrong.
  public var outcome: UInt64

  /// Makes an entry.
  public init(component: String, client: String, ordinal: UInt64, outcome: UInt64) {
    self.component = component
    self.client = client
    self.ordinal = ordinal
    self.outcome = outcome
  }
}

/// What can become of a request to a component, how likely it is, and which fault is to blame.
public struct RequestOdds: Sendable, Hashable {
  /// The component's own code for what goes wrong.
  public let outcome: UInt64
  /// How likely it is, in parts per million.
  public let partsPerMillion: UInt32
  /// The kind of the fault, as in the fault script.
  public let kind: String

  /// Makes odds.
  public init(outcome: UInt64, partsPerMillion: UInt32, kind: String) {
    self.outcome = outcome
    self.partsPerMillion = partsPerMillion
    self.kind = kind
  }
}

/// How often a kind of fault was planned and how often it took effect.
public struct FaultCount: Sendable, Hashable {
  /// The kind's name.
  public let kind: String
  /// Entries in the script.
  public var planned: Int
  /// Entries that took effect; for faults of messages and requests, those hit.
  public var fired: Int
}
