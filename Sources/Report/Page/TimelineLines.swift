import Scenarios
import Simulation

/// A timeline made short: things alike that follow each other closely become one line.
enum TimelineLines {
  struct Line {
    let time: String
    let kind: TimelineEntry.Kind
    let text: String
    let event: UInt64
  }

  /// Entries of one sort by one host within this time are told together.
  private static let closeness = VirtualDuration.seconds(5)

  static func collapsed(_ entries: [TimelineEntry]) -> [Line] {
    var lines: [Line] = []
    var group: [TimelineEntry] = []
    func close() {
      guard let first = group.first else { return }
      let more = group.count > 1 ? " (and \(group.count - 1) more like it)" : ""
      lines.append(Line(time: "\(first.at)", kind: first.kind, text: first.text + more, event: first.event))
      group = []
    }
    for entry in entries {
      if let first = group.first, first.kind == entry.kind, entry.at - first.at <= closeness,
        sort(first.text) == sort(entry.text), entry.kind != .fault
      {
        group.append(entry)
      } else {
        close()
        group = [entry]
      }
    }
    close()
    return lines
  }

  /// What sort of thing a text tells: its words without names and numbers.
  private static func sort(_ text: String) -> String {
    text.split(separator: " ").filter { word in !word.contains(where: { $0.isNumber || $0 == "/" }) }.joined(
      separator: " ")
  }
}
