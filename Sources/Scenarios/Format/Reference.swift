/// A section of the reference: what its keys are.
struct SectionReference: Sendable {
  var name: String
  let meaning: String
  let rows: [ReferenceRow]
  let sections: [SectionReference]
}

/// A key of the reference.
struct ReferenceRow: Sendable {
  let key: String
  let type: String
  /// The default; nil when the file must give a value.
  let base: Tree?
  let limits: String?
  let meaning: String

  /// The row of a Markdown table.
  var markdown: String {
    let cells = ["`\(key)`", type, defaultText, limits ?? "", meaning]
    return "| " + cells.map(Self.cell).joined(separator: " | ") + " |"
  }

  private var defaultText: String {
    guard let base else { return "required" }
    if case .section(let entries) = base, !entries.isEmpty { return "see below" }
    if case .list(let items) = base, !items.isEmpty { return "\(items.count) entries" }
    return "`\(TreePrinter.flow(base))`"
  }

  private static func cell(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
      .split(separator: "\n").joined(separator: " ")
  }
}

extension Schema {
  /// The reference of all sections as Markdown: key, type with unit, default, limits and meaning.
  public func markdown(title: String) -> String {
    var lines = ["# \(title)"]
    var seen: Set<String> = []
    func describe(_ section: SectionReference, heading: String?) {
      guard seen.insert(section.name).inserted else { return }
      if let heading { lines += ["", heading] }
      lines += ["", section.meaning]
      if !section.rows.isEmpty {
        lines += ["", "| key | type | default | limits | meaning |", "|---|---|---|---|---|"]
        lines += section.rows.map(\.markdown)
      }
      for nested in section.sections { describe(nested, heading: "## \(nested.name)") }
    }
    describe(reference, heading: nil)
    return lines.joined(separator: "\n") + "\n"
  }
}
