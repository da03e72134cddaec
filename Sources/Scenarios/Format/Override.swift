/// A field given on the command line: `agent.leaseTerm=5s`, `topics[orders].partitions=3`, `faults=[]`.
public struct Override: Sendable, Equatable {
  /// The override as it was typed.
  public let text: String
  /// What errors print before it, such as `--set `.
  public let option: String

  /// Keeps the text; whether it is right shows when a scenario is decoded.
  public init(_ text: String, option: String = "--set ") {
    self.text = text
    self.option = option
  }
}

/// Changes a tree of nodes as an override says, before it is read.
struct OverrideApplication {
  /// A step of a path and where it stands in the override.
  private enum Step {
    case key(String, Place)
    case index(String, Place)
  }

  private let reader: Reader
  private let source: SourceText
  private let text: String

  init(_ override: Override, reader: Reader) {
    self.reader = reader
    text = override.text
    source = SourceText(name: override.option + override.text, text: override.text)
  }

  /// The changed tree; nil after an error was reported.
  ///
  /// - Parameters:
  ///   - root: the file's tree.
  ///   - defaults: the tree of the default value, consulted for lists that the file leaves out.
  func apply(to root: SourceNode, defaults: Tree) -> SourceNode? {
    guard let (steps, valueColumn) = parsePath(), let value = parseValue(from: valueColumn) else { return nil }
    return set(steps[...], of: root, to: value, defaults: defaults)
  }

  private func fail<Value>(_ column: Int, _ message: String, _ remedy: String) -> Value? {
    reader.report(Place(source: source, line: 1, column: column), message, remedy)
    return nil
  }

  // MARK: The text

  private static let pathRemedy = "write something like agent.leaseTerm=5s or topics[orders].partitions=3"

  private func parsePath() -> (steps: [Step], valueColumn: Int)? {
    let scalars = Array(text.unicodeScalars)
    guard scalars.count <= 65_536 else { return fail(1, "the override is too long", "put it into the file") }
    var steps: [Step] = []
    var position = 0
    var expectsKey = true
    while position < scalars.count {
      let scalar = scalars[position]
      if scalar == "=" {
        guard !expectsKey else { break }
        return (steps, position + 1)
      }
      guard steps.count < SourceLimits.depth else { return fail(position + 1, "the path is too deep", Self.pathRemedy) }
      if scalar == "[" {
        guard !steps.isEmpty, !expectsKey, let end = scalars[position...].firstIndex(of: "]"), end > position + 1
        else { break }
        steps.append(.index(Self.string(scalars[(position + 1)..<end]), place(position + 2)))
        position = end + 1
      } else if scalar == "." {
        guard !expectsKey else { break }
        expectsKey = true
        position += 1
      } else {
        guard expectsKey else { break }
        let end = scalars[position...].firstIndex { ".[]=".unicodeScalars.contains($0) } ?? scalars.count
        guard end > position else { break }
        steps.append(.key(Self.string(scalars[position..<end]), place(position + 1)))
        position = end
        expectsKey = false
      }
    }
    let message = position < scalars.count ? "the path is malformed" : "there is no `=` and value"
    return fail(min(position, scalars.count) + 1, message, Self.pathRemedy)
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  private func place(_ column: Int) -> Place { Place(source: source, line: 1, column: column) }

  /// Parses the value as YAML at the column where it stands, so that marks are right without a correction.
  private func parseValue(from column: Int) -> SourceNode? {
    guard source.lines.count == 1 else { return fail(1, "an override is one line", "use the flow style, `[a, b]`") }
    if let nul = text.unicodeScalars.firstIndex(of: "\0") {
      return fail(text.unicodeScalars.distance(from: text.startIndex, to: nul) + 1, "there is a NUL byte", "")
    }
    let padded = String(repeating: " ", count: column) + String(text.unicodeScalars.dropFirst(column))
    guard var node = SourceLoader(reader: reader, source: source, text: padded).load() else { return nil }
    if node.isEmptyPlainScalar { node.place = place(column + 1) }
    return node
  }

  // MARK: The tree

  private func set(
    _ steps: ArraySlice<Step>, of node: SourceNode?, to value: SourceNode, defaults: Tree?
  ) -> SourceNode? {
    guard let step = steps.first else { return value }
    switch step {
    case .key(let key, let place):
      var node = node ?? SourceNode(content: .section([]), place: place)
      if node.isAbsent || node.isEmptyPlainScalar { node.content = .section([]) }
      guard case .section(var entries) = node.content else {
        return fail(place.column, "\(shown(key)) is looked for in \(node.kindName)", "only sections have keys")
      }
      let position = entries.firstIndex { $0.key == key }
      let old = position.map { entries[$0].value }
      guard let new = set(steps.dropFirst(), of: old, to: value, defaults: defaults?[key]) else { return nil }
      if let position {
        entries[position].value = new
      } else {
        entries.append(SourceEntry(key: key, keyPlace: place, value: new))
      }
      node.content = .section(entries)
      return node
    case .index(let index, let place):
      let node = node ?? defaults?.sourceNode(at: place)
      return set(index, at: place, rest: steps.dropFirst(), of: node, to: value)
    }
  }

  /// Changes an item of a list or of named sections.
  private func set(
    _ index: String, at place: Place, rest: ArraySlice<Step>, of node: SourceNode?, to value: SourceNode
  ) -> SourceNode? {
    guard var node else { return fail(place.column, "there is no entry \(shown(index))", "there are no entries") }
    switch node.content {
    case .list(var items):
      let names = items.map { $0["name"]?.scalarText }
      guard let position = names.firstIndex(of: index) ?? Int(index).flatMap({ items.indices.contains($0) ? $0 : nil })
      else {
        let remedy = Self.entries(names.compactMap { $0 }, items.count, index)
        return fail(place.column, "there is no entry \(shown(index))", remedy)
      }
      guard let new = set(rest, of: items[position], to: value, defaults: nil) else { return nil }
      items[position] = new
      node.content = .list(items)
    case .section(var entries):
      guard let position = entries.firstIndex(where: { $0.key == index }) else {
        let remedy = Self.entries(entries.map(\.key), entries.count, index)
        return fail(place.column, "there is no entry \(shown(index))", remedy)
      }
      guard let new = set(rest, of: entries[position].value, to: value, defaults: nil) else { return nil }
      entries[position].value = new
      node.content = .section(entries)
    case .scalar:
      return fail(place.column, "\(shown(index)) is looked for in \(node.kindName)", "only lists have entries")
    }
    return node
  }

  private static func entries(_ names: [String], _ count: Int, _ wanted: String) -> String {
    if !names.isEmpty { return NearestName.suggestion(for: wanted, among: names) }
    return count == 0 ? "there are no entries" : "there are entries 0 to \(count - 1)"
  }
}
