import Nodes
import Simulation

/// What mattered in a run, faults and violations included, by time.
enum Timeline {
  static func merged(_ observed: [TimelineEntry], _ result: RunResult) -> [TimelineEntry] {
    var entries = observed
    for window in result.faultWindows {
      entries.append(
        TimelineEntry(at: window.begin, event: window.event, kind: .fault, text: text(window.fault, window)))
      if let end = window.end, let over = ending(window.fault) {
        entries.append(TimelineEntry(at: end, event: window.event, kind: .fault, text: over))
      }
    }
    if let healedAt = result.healedAt {
      entries.append(TimelineEntry(at: healedAt, event: 0, kind: .recovery, text: "faults stop; everything heals"))
    }
    for violation in result.violations {
      entries.append(
        TimelineEntry(
          at: violation.at, event: violation.events.last ?? 0, kind: .violation,
          text: "invariant \(violation.invariant.rawValue) is violated"))
    }
    return entries.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
  }

  private static func text(_ fault: Fault, _ window: FaultWindow) -> String {
    let length = window.end.map { " for \(shown($0 - window.begin))" } ?? ""
    switch fault {
    case .crash(let host): return "\(host) crashes" + (window.end == nil ? " and stays down" : "")
    case .replace(let host):
      return "\(host) is lost with its disk" + (window.end == nil ? " and stays down" : "")
    case .drain(let host): return "\(host) is told to leave"
    case .start(let host): return "\(host) joins"
    case .pause(let host): return "\(host) stalls\(length)"
    case .clog(let from, let to, let bothWays):
      return
        "messages \(bothWays ? "between" : "from") \(shown(from)) \(bothWays ? "and" : "to") \(shown(to)) are held up\(length)"
    case .bandwidth(let from, let to, let bytesPerSecond, _):
      return "links from \(shown(from)) to \(shown(to)) carry \(bytesPerSecond) bytes a second\(length)"
    case .diskStall(let host, let extra): return "the disk of \(host) takes \(extra) longer\(length)"
    case .diskErrors(let host, let odds): return "\(percent(odds)) of syncs of \(host)'s disk fail\(length)"
    case .diskFull(let host): return "the disk of \(host) is full\(length)"
    case .bitFlip(let host): return "a bit flips on the disk of \(host)"
    case .cut(let from, let to, let bothWays):
      return "\(shown(from)) \(bothWays ? "and" : "to") \(shown(to)) are cut off\(length)"
    case .messages(let kind, let from, let to, let odds, _):
      let what =
        switch kind {
        case .drop: "lost"
        case .duplicate: "doubled"
        case .delay: "late"
        case .reorder: "overtaken"
        case .reset: "lost with their connection"
        }
      return "\(percent(odds)) of messages from \(shown(from)) to \(shown(to)) are \(what)\(length)"
    case .clockStep(let host, let by): return "the wall clock of \(host) jumps by \(by)\(length)"
    case .clockDrift(let host, let drift): return "the clocks of \(host) drift by \(drift) parts per million\(length)"
    case .slowCPU(let host, let factor): return "the CPU of \(host) is \(factor) times slower\(length)"
    case .component(let host, let name, let values): return component(host, name, values) + length
    }
  }

  private static func component(_ host: String, _ name: String, _ values: [Int64]) -> String {
    switch ObjectStoreFault(name: name, values: values) {
    case .outage: return "the object store is out of service"
    case .errors(let before, let after):
      return "the object store fails \(percent(before)) of requests before and \(percent(after)) after applying them"
    case .late(let share): return "the object store applies \(percent(share)) of requests half a minute late"
    case .throttle(let share): return "the object store refuses \(percent(share)) of requests with SlowDown"
    case .slow(let factor): return "the object store takes \(factor) times longer"
    case .slowTail(let share): return "the object store takes ten times longer for \(percent(share)) of requests"
    case .slowPrefix(let prefix, let factor, let errors):
      return "the object store takes \(factor) times longer under `\(prefix)`"
        + (errors > 0 ? " and fails \(percent(errors)) of requests" : "")
    case .expiredCredentials: return "the object store refuses a client's expired credentials"
    case .shortPages(let share): return "the object store ends \(percent(share)) of listings' pages early"
    case .rate(let left): return "the object store takes \(percent(left)) of its usual requests a second"
    case .damage(.bitFlip, let prefix, let objects):
      return "a bit flips in \(shown(objects)) under `\(prefix)`"
    case .damage(.truncation, let prefix, let objects):
      return "\(shown(objects)) under `\(prefix)` are cut short"
    case .damage(.loss, let prefix, let objects): return "\(shown(objects)) under `\(prefix)` are gone"
    case nil: return "\(host): \(name)"
    }
  }

  private static func ending(_ fault: Fault) -> String? {
    switch fault {
    case .crash(let host): "\(host) starts again"
    case .replace(let host): "\(host) starts again on an empty disk"
    case .clog(let from, let to, _): "messages flow again between \(shown(from)) and \(shown(to))"
    case .pause(let host): "\(host) goes on"
    case .cut(let from, let to, _): "\(shown(from)) and \(shown(to)) are connected again"
    case .component(_, "objectStoreOutage", _): "the object store is back"
    case .component(_, "objectStoreDamage", _): "the damaged objects are what they were"
    case .drain, .start, .messages, .bandwidth, .clockStep, .clockDrift, .slowCPU, .diskStall, .diskErrors, .diskFull,
      .bitFlip,
      .component:
      nil
    }
  }

  private static func shown(_ hosts: [String]) -> String {
    hosts.count > 3 ? "\(hosts.count) hosts" : hosts.joined(separator: ", ")
  }

  private static func shown(_ objects: Int64) -> String { "\(objects) object(s)" }

  private static func shown(_ duration: VirtualDuration) -> String {
    "\(VirtualTime(nanoseconds: duration.nanoseconds))"
  }

  private static func percent(_ partsPerMillion: UInt32) -> String {
    let (whole, rest) = partsPerMillion.quotientAndRemainder(dividingBy: 10_000)
    if rest == 0 { return "\(whole)%" }
    var digits = String(rest)
    digits = String(repeating: "0", count: 4 - digits.count) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(whole).\(digits)%"
  }
}
