import Nodes
import Scenarios

/// A run's figures as text, for the terminal and the page alike.
struct Figures {
  private let result: RunResult

  /// Figures of a run.
  init(_ result: RunResult) { self.result = result }

  /// Records acknowledged in a virtual second.
  static func produced(_ result: RunResult) -> Double { result.producedPerSecond }

  /// Records handed to applications in a virtual second.
  static func consumed(_ result: RunResult) -> Double { result.consumedPerSecond }

  /// Records acknowledged in a virtual second.
  var produced: String { Numerals.fixed(Self.produced(result), 0) }

  /// Records handed to applications in a virtual second.
  var consumed: String { Numerals.fixed(Self.consumed(result), 0) }

  /// How often a consumer's cache had what was wanted.
  var cache: String {
    let all = result.cache.hits + result.cache.misses
    guard let rate = Numerals.percent(result.cache.hits, of: all) else { return "not asked" }
    return "\(rate) of \(Numerals.grouped(all)) reads"
  }

  /// How many connections producers opened, and how many of their messages found one open.
  var connections: String {
    let connections = result.producers.connections
    guard connections.messages > 0 else { return "none opened" }
    let reused = Numerals.percent(UInt64(connections.reused), of: UInt64(connections.messages)) ?? "none"
    return
      "\(Numerals.grouped(connections.opened)) handshakes for \(Numerals.grouped(connections.messages)) messages, \(reused) on an open connection"
  }

  /// What compression made of the producers' batches.
  var compression: String {
    let producers = result.producers
    guard producers.plainBytes > 0 else { return "nothing sent" }
    let saved = max(0, producers.plainBytes - producers.encodedBytes)
    let share = Numerals.percent(UInt64(saved), of: UInt64(producers.plainBytes)) ?? "nothing"
    return
      "\(Numerals.bytes(UInt64(producers.plainBytes))) of batches went as \(Numerals.bytes(UInt64(producers.encodedBytes))), \(share) saved"
  }

  /// Virtual time.
  var virtual: String { Numerals.fixed(result.virtualSeconds, 1) + " s" }

  /// Real time.
  var real: String { Numerals.fixed(result.wallSeconds, 2) + " s" }

  /// How much faster than real time the run was; nil when it took no measurable time.
  var ratio: String? {
    guard result.wallSeconds > 0 else { return nil }
    let ratio = result.virtualSeconds / result.wallSeconds
    return Numerals.fixed(ratio, ratio < 10 ? 1 : 0)
  }

  /// How many events and messages there were.
  var size: String { "\(Numerals.grouped(result.events)) events, \(Numerals.grouped(result.messages)) messages" }

  /// Both times and their ratio.
  var duration: String {
    let compared = ratio.map { " (\($0) times as fast as real time)" } ?? ""
    return "\(virtual) of virtual time in \(real) of real time\(compared)"
  }

  /// The price of the object store: requests, what was kept, bytes moved.
  var price: String { Numerals.dollars(nano: result.objectStore.nanoDollars) }
}
