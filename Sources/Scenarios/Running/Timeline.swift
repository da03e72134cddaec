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
    case .drain(let host): return "\(host) is told to leave"
    case .start(let host): return "\(host) joins"
    case .pause(let host): return "\(host) stalls\(length)"
    case .cut(let from, let to, let bothWays):
      return "\(shown(from)) \(bothWays ? "and" : "to") \(shown(to)) are cut off\(length)"
    case .messages(let kind, let from, let to, let odds, _):
      let what =
        switch kind {
        case .drop: "lost"
        case .duplicate: "doubled"
        case .delay: "late"
        }
      return "\(percent(odds)) of messages from \(shown(from)) to \(shown(to)) are \(what)\(length)"
    case .clockStep(let host, let by): return "the wall clock of \(host) jumps by \(by)\(length)"
    case .clockDrift(let host, let drift): return "the clocks of \(host) drift by \(drift) parts per million\(length)"
    case .slowCPU(let host, let factor): return "the CPU of \(host) is \(factor) times slower\(length)"
    case .component(let host, let name, let values): return component(host, name, values) + length
    }
  }

  private static func component(_ host: String, _ name: String, _ values: [Int64]) -> String {
    func share(_ index: Int) -> String {
      values.indices.contains(index) ? percent(UInt32(clamping: values[index])) : "0%"
    }
    switch name {
    case "objectStoreOutage": return "the object store is out of service"
    case "objectStoreErrors":
      return "the object store fails \(share(0)) of requests before and \(share(1)) after applying them"
    case "objectStoreLate": return "the object store applies \(share(0)) of requests half a minute late"
    case "objectStoreThrottle": return "the object store refuses \(share(0)) of requests with SlowDown"
    case "objectStoreSlow": return "the object store takes \(values.first ?? 1) times longer"
    default: return "\(host): \(name)"
    }
  }

  private static func ending(_ fault: Fault) -> String? {
    switch fault {
    case .crash(let host): "\(host) starts again"
    case .pause(let host): "\(host) goes on"
    case .cut(let from, let to, _): "\(shown(from)) and \(shown(to)) are connected again"
    case .component(_, "objectStoreOutage", _): "the object store is back"
    case .drain, .start, .messages, .clockStep, .clockDrift, .slowCPU, .component: nil
    }
  }

  private static func shown(_ hosts: [String]) -> String {
    hosts.count > 3 ? "\(hosts.count) hosts" : hosts.joined(separator: ", ")
  }

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
