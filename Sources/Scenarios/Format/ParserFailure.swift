import Yams

/// Says in the words of scenarios what the YAML parser complained about.
struct ParserFailure {
  static let anchorMessage = "anchors and aliases (`&name`, `*name`) are not understood"
  static let anchorRemedy = "write the value out, or put quotes around a text that begins so"

  let error: any Error
  let source: SourceText
  let text: String

  func report(to reader: Reader) {
    guard let error = error as? YamlError else {
      return reader.report(place(nil), "the text cannot be read", "")
    }
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
      reportSyntax(context, problem, mark, to: reader)
    case .composer(_, let problem, let mark, _):
      reportComposition(problem, mark, to: reader)
    case .reader(let problem, let offset, _, _):
      let remedy = "write it as an escape in double quotes, such as \"\\u0007\""
      reader.report(place(offset: offset), problem.lowercasedStart, remedy)
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.map { "`\($0)`" }.joined(separator: ", ")
      reader.report(place(context.mark), "\(names) is given more than once in a section", "keep one of them")
    case .memory:
      let message = "sections and lists are nested more than \(SourceLimits.depth) deep"
      reader.report(place(nil), message, "no scenario field is that deep")
    default:
      reader.report(place(nil), "the text cannot be read", "")
    }
  }

  private func reportSyntax(_ context: YamlError.Context?, _ problem: String, _ mark: Mark, to reader: Reader) {
    let place = place(mark)
    if problem.contains("nesting level") {
      return reader.report(place, "sections and lists are nested too deep", "at most \(SourceLimits.depth) levels")
    }
    if isTab(at: place) {
      return reader.report(place, "there is a tab where only spaces may stand", "indent with spaces")
    }
    let words = problem + (context?.text ?? "")
    if words.contains("alias") || words.contains("anchor") {
      return reader.report(place, Self.anchorMessage, Self.anchorRemedy)
    }
    let remedy = context.map { "\($0.text) that begins at line \($0.mark.line), column \($0.mark.column)" }
    reader.report(place, "this is not well-formed YAML: \(problem)", remedy ?? "")
  }

  private func reportComposition(_ problem: String, _ mark: Mark, to reader: Reader) {
    if problem.contains("another document") {
      return reader.report(place(mark), "a second document begins here", "a file holds one scenario")
    }
    if problem.contains("alias") { return reader.report(place(mark), Self.anchorMessage, Self.anchorRemedy) }
    reader.report(place(mark), problem, "")
  }

  private func isTab(at place: Place) -> Bool {
    guard source.lines.indices.contains(place.line - 1) else { return false }
    return source.lines[place.line - 1].unicodeScalars.dropFirst(place.column - 1).first == "\t"
  }

  private func place(_ mark: Mark?) -> Place {
    Place(source: source, line: max(mark?.line ?? 1, 1), column: max(mark?.column ?? 1, 1))
  }

  /// The reader counts characters from the start of the text.
  private func place(offset: Int?) -> Place {
    guard let offset, offset >= 0 else { return place(nil) }
    let before = SourceText(name: source.name, text: String(text.prefix(offset)))
    return Place(source: source, line: before.lines.count, column: (before.lines.last?.unicodeScalars.count ?? 0) + 1)
  }
}

extension String {
  fileprivate var lowercasedStart: String { prefix(1).lowercased() + dropFirst() }
}
