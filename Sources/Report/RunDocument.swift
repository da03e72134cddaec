import Scenarios
import Simulation

public struct RunDocument {
  let r: RunResult, replay: String
  public init(_ result: RunResult, replay: String) { r = result; self.replay = replay }
  public var json: String {
    let v = r.violations.map {
      "{\"invariant\":\"\($0.invariant.rawValue)\",\"atSeconds\":\($0.at.seconds),\"summary\":\"\($0.summary.escapedForJSON)\"}"
    }.joined(separator: ",")
    let probes = r.probes.map { "\"\($0.name)\":\($0.count)" }.joined(separator: ",")
    let faults = r.faults.map { "{\"kind\":\"\($0.kind)\",\"planned\":\($0.planned),\"fired\":\($0.fired)}" }.joined(
      separator: ",")
    return
      "{\"scenario\":\"\(r.resolved.name)\",\"seed\":\(r.seed),\"verdict\":\"\(r.verdict.rawValue)\",\"violations\":[\(v)],\"digest\":\"\(r.digest.sixteenDigits)\",\"events\":\(r.events),\"messages\":\(r.messages),\"virtualSeconds\":\(r.virtualSeconds),\"wallSeconds\":\(r.wallSeconds),\"faults\":[\(faults)],\"probes\":{\(probes)},\"replay\":\"\(replay)\"}"
  }
}
public enum TextStyle { case plain, coloured }
public struct TerminalSummary {
  public let text: String
  public init(_ r: RunResult, style: TextStyle, replay: String, report: String?) {
    var t = r.timeline.prefix(60).map { "\($0.at) \($0.text)" }.joined(separator: "\n") + "\n"
    t +=
      "records \(r.records) events \(r.events) messages \(r.messages) virtual \(r.virtualSeconds) wall \(r.wallSeconds)\n"
    t += "produce \(r.produceLatency) e2e \(r.endToEndLatency) \(r.cache) \(r.objectStore)\n\(r.faults)\n\(r.probes)\n"
    for v in r.violations { t += "\(v.invariant.rawValue) \(v.summary) \(v.events)\n" }
    text = t + "\(r.verdict) \(r.reasons) \(r.digest.sixteenDigits)\n" + replay
  }
}
public struct HTMLReport { public let html: String; public init(_ r: RunResult, replay: String) { html = "" } }
