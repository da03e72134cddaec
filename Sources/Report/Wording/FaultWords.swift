import Nodes
import Simulation

/// A fault in a word or two, for the margin of a chart; the timeline tells it in full.
enum FaultWords {
  /// For example `crash agent-2`.
  static func short(_ fault: Fault) -> String {
    switch fault {
    case .crash(let host): "crash \(host)"
    case .replace(let host): "replace \(host)"
    case .drain(let host): "drain \(host)"
    case .start(let host): "start \(host)"
    case .pause(let host): "pause \(host)"
    case .clog(let from, let to, let bothWays): "clog \(hosts(from)) \(bothWays ? "–" : "→") \(hosts(to))"
    case .bandwidth(let from, let to, _, _): "narrow \(hosts(from)) → \(hosts(to))"
    case .diskStall(let host, _): "slow disk \(host)"
    case .diskErrors(let host, _): "failing disk \(host)"
    case .diskFull(let host): "full disk \(host)"
    case .bitFlip(let host): "bit flip \(host)"
    case .cut(let from, let to, let bothWays): "cut \(hosts(from)) \(bothWays ? "–" : "→") \(hosts(to))"
    case .messages(let kind, _, _, let partsPerMillion, _): "\(share(partsPerMillion)) \(word(kind))"
    case .clockStep(let host, let by): "clock of \(host) \(by.nanoseconds < 0 ? "" : "+")\(by)"
    case .clockDrift(let host, _): "clock drift \(host)"
    case .slowCPU(let host, let factor): "slow \(host) ×\(factor)"
    case .component(_, let name, let values): component(name, values)
    }
  }

  /// The fault with its span of time.
  static func full(_ window: FaultWindow) -> String {
    let end = window.end.map { "to \($0)" } ?? "to the end"
    return "\(short(window.fault)), from \(window.begin) \(end)"
  }

  private static func hosts(_ names: [String]) -> String {
    names.count > 2 ? "\(names.count) hosts" : names.joined(separator: ", ")
  }

  private static func word(_ fault: MessageFault) -> String {
    switch fault {
    case .drop: "lost"
    case .duplicate: "doubled"
    case .delay: "late"
    case .reorder: "overtaken"
    case .reset: "reset"
    }
  }

  private static func component(_ name: String, _ values: [Int64]) -> String {
    switch ObjectStoreFault(name: name, values: values) {
    case .outage: "store out of service"
    case .errors: "store errors"
    case .late: "store late"
    case .throttle: "store throttles"
    case .slow(let factor): "store slow ×\(factor)"
    case .slowTail: "store slow tail"
    case .slowPrefix(let prefix, let factor, _): "\(prefix) slow ×\(factor)"
    case .expiredCredentials: "credentials expired"
    case .shortPages: "store short pages"
    case .rate(let left): "store at \(share(left))"
    case .damage(.loss, _, let objects): "\(objects) objects lost"
    case .damage(_, _, let objects): "\(objects) objects damaged"
    case nil: name
    }
  }

  private static func share(_ partsPerMillion: UInt32) -> String {
    Numerals.plain(Double(partsPerMillion) / 10_000) + "%"
  }
}
