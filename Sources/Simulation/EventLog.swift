import CXXHash

/// The kind of an event: a stable code for the digest and a name for people.
public struct EventKind: Sendable {
  /// Unique among the kinds of a program; the kernel's are below 32.
  public let code: UInt16
  /// The name shown in traces.
  public let name: StaticString

  /// Makes a kind.
  public init(code: UInt16, name: StaticString) {
    self.code = code
    self.name = name
  }
}

/// Something that can tell an event log what it holds.
public protocol EventContent {
  /// Writes every field that matters to the log: what is written is what the digest covers and what a trace shows.
  func describe(into log: EventLog)
}

/// An event as a trace shows it.
public struct TracedEvent: Sendable {
  /// The event's number; the first is 1.
  public let number: UInt64
  /// The event that caused it; 0 for the run's set-up.
  public let cause: UInt64
  /// When it happened.
  public let time: VirtualTime
  /// The host it happened on; empty for the world.
  public let host: String
  /// The host's incarnation; 0 for the world.
  public let incarnation: Int
  /// The kind's name.
  public let kind: String
  /// The fields, as the inside of a JSON object: `"topic":1,"offset":7`.
  public let fields: String

  /// The event as one line of JSON.
  public var json: String {
    "{\"event\":\(number),\"cause\":\(cause),\"nanoseconds\":\(time.nanoseconds),\"host\":\"\(host.escapedForJSON)\","
      + "\"incarnation\":\(incarnation),\"kind\":\"\(kind)\"\(fields.isEmpty ? "" : "," + fields)}"
  }
}

/// Takes in every event of a run: counts it, folds it into the digest and, when asked, hands it to a trace.
///
/// One description of an event feeds both, so that a trace shows exactly what the digest covers. Words are gathered in a buffer and hashed with XXH3 in bulk.
public final class EventLog {
  /// What describing an event touches; behind a pointer, because each use of a class's variable from another module is checked for exclusive access.
  @usableFromInline struct Gathering {
    @usableFromInline var used = 0
    @usableFromInline var isTracing = false
  }

  @usableFromInline let words: UnsafeMutablePointer<UInt64>
  @usableFromInline let gathering: UnsafeMutablePointer<Gathering>
  @usableFromInline static let capacity = 2048
  @usableFromInline let isDigesting: Bool
  private let state: OpaquePointer
  private var text = ""
  private var pending: (number: UInt64, cause: UInt64, time: VirtualTime, host: String, incarnation: Int, kind: String)?
  /// Receives each event when tracing.
  var sink: ((TracedEvent) -> Void)? {
    didSet { gathering.pointee.isTracing = sink != nil }
  }

  /// The number of events so far, which is also the number of the latest.
  public var count: UInt64 { latest }
  private(set) var latest: UInt64 = 0

  init(digesting: Bool) {
    isDigesting = digesting
    words = .allocate(capacity: Self.capacity)
    gathering = .allocate(capacity: 1)
    gathering.initialize(to: Gathering())
    state = XXH3_createState()
    XXH3_64bits_reset(state)
  }

  deinit {
    words.deallocate()
    gathering.deallocate()
    XXH3_freeState(state)
  }

  /// The digest of all events so far.
  public var digest: UInt64 {
    flush()
    return XXH3_64bits_digest(state)
  }

  @usableFromInline func flush() {
    XXH3_64bits_update(state, words, gathering.pointee.used * MemoryLayout<UInt64>.stride)
    gathering.pointee.used = 0
  }

  @usableFromInline var isTracing: Bool { gathering.pointee.isTracing }

  @inlinable @inline(__always)
  func take(_ word: UInt64) {
    let used = gathering.pointee.used
    words[used] = word
    gathering.pointee.used = used &+ 1
    if used &+ 1 == Self.capacity { flush() }
  }

  /// Adds a number to the event being written.
  @inlinable @inline(__always)
  public func number(_ name: StaticString, _ value: UInt64) {
    if isDigesting { take(value) }
    if gathering.pointee.isTracing { show(name, String(value)) }
  }

  /// Adds a number to the event being written.
  @inlinable @inline(__always)
  public func number(_ name: StaticString, _ value: Int) { number(name, UInt64(bitPattern: Int64(value))) }

  /// Adds a text to the event being written.
  public func text(_ name: StaticString, _ value: String) {
    if isDigesting {
      var value = value
      let hash = value.withUTF8 { XXH3_64bits($0.baseAddress, $0.count) }
      take(hash)
    }
    if isTracing { show(name, "\"" + value.escapedForJSON + "\"") }
  }

  /// Adds a body of bytes to the event being written; a trace shows its length and hash.
  public func bytes(_ name: StaticString, _ value: [UInt8]) {
    guard isDigesting || isTracing else { return }
    let hash = value.withUnsafeBytes { XXH3_64bits($0.baseAddress, $0.count) }
    if isDigesting { take(hash) }
    if isTracing { show(name, "\"\(value.count) bytes, \(String(hash, radix: 16))\"") }
  }

  @usableFromInline func show(_ name: StaticString, _ value: String) {
    if !text.isEmpty { text += "," }
    text += "\"\(name)\":\(value)"
  }

  @inline(__always)
  func begin(_ kind: EventKind, time: VirtualTime, cause: UInt64, machine: Machine?, incarnation: Int) {
    if isTracing { complete() }
    latest += 1
    if isDigesting {
      let host = UInt64(machine?.id.rawValue ?? 0xFFFF_FFFF)
      take(UInt64(bitPattern: time.nanoseconds))
      take(UInt64(kind.code) << 48 | UInt64(UInt16(truncatingIfNeeded: incarnation)) << 32 | host)
    }
    if isTracing {
      text = ""
      pending = (latest, cause, time, machine?.name ?? "", incarnation, "\(kind.name)")
    }
  }

  /// Hands the event being written to the trace; called before the next begins and when a run stops.
  func complete() {
    guard let event = pending else { return }
    pending = nil
    sink?(
      TracedEvent(
        number: event.number, cause: event.cause, time: event.time, host: event.host, incarnation: event.incarnation,
        kind: event.kind, fields: text))
    text = ""
  }
}

extension String {
  /// The text with what JSON demands escaped.
  public var escapedForJSON: String {
    guard unicodeScalars.contains(where: { $0 == "\"" || $0 == "\\" || $0.value < 0x20 }) else { return self }
    var escaped = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": escaped += "\\\""
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\t": escaped += "\\t"
      case "\r": escaped += "\\r"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          escaped.unicodeScalars.append(scalar)
        }
      }
    }
    return escaped
  }
}
