/// A value that is one of several cases, selected by a key; each case has keys of its own.
///
///     let faults = Union<Fault>("kind", "What goes wrong.") {
///       Union.Case("crash", crash, embed: Fault.crash) { if case .crash(let crash) = $0 { crash } else { nil } }
///     }
public struct Union<Value: Sendable>: Sendable {
  /// One case: its word, how to make the value from its payload, and how to get the payload back.
  public struct Case: Sendable {
    let word: String
    let keys: @Sendable (SourceNode) -> [String]
    let read: @Sendable (Cursor, Value?) -> Value?
    let write: @Sendable (Value) -> [TreeEntry]?
    let reference: @Sendable (_ tag: String) -> SectionReference

    /// Declares a case.
    ///
    /// - Parameters:
    ///   - word: the word that selects it.
    ///   - schema: the keys of its payload.
    ///   - embed: the value with that payload.
    ///   - extract: the payload, when the value is this case.
    public init<Payload>(
      _ word: String, _ schema: Schema<Payload>, embed: @escaping @Sendable (Payload) -> Value,
      extract: @escaping @Sendable (Value) -> Payload?
    ) {
      self.word = word
      keys = { schema.keys(in: $0) }
      read = { cursor, base in
        let errorsBefore = cursor.reader.errorCount
        let payload = schema.readFields(cursor, over: base.flatMap(extract))
        guard cursor.reader.errorCount == errorsBefore else { return nil }
        schema.runValidation(of: payload, at: cursor)
        return cursor.reader.errorCount == errorsBefore ? embed(payload) : nil
      }
      write = { extract($0).map(schema.entries) }
      reference = { tag in
        var section = schema.reference
        section.name = "\(tag): \(word)"
        return section
      }
    }

    /// Declares a case without a payload.
    public init(_ word: String, _ meaning: String, _ value: Value, matches: @escaping @Sendable (Value) -> Bool) {
      let empty = Schema<Nothing>(word, meaning, defaults: Nothing.init) {}
      self.init(word, empty, embed: { _ in value }, extract: { matches($0) ? Nothing() : nil })
    }
  }

  /// The payload of a case without one.
  struct Nothing: Sendable {}

  let tag: String
  let meaning: String
  let cases: [Case]

  /// Declares a union.
  ///
  /// - Parameters:
  ///   - tag: the key that selects the case.
  ///   - meaning: what is selected, in a sentence.
  ///   - cases: all cases; a value that none of them extracts prints without keys.
  public init(_ tag: String, _ meaning: String, @ListBuilder<Case> cases: () -> [Case]) {
    self.tag = tag
    self.meaning = meaning
    self.cases = cases()
  }

  private var words: [String] { cases.map(\.word) }

  private func selected(by node: SourceNode) -> Case? {
    let word = node[tag]?.scalarText
    return cases.first { $0.word == word }
  }

  /// The tag and the keys of the selected case; without a case every key may belong to it.
  func keys(_ node: SourceNode) -> [String] {
    if let selected = selected(by: node) { return [tag] + selected.keys(node) }
    guard case .section(let entries) = node.content else { return [tag] }
    return [tag] + entries.map(\.key)
  }

  func read(_ cursor: Cursor, _ base: Value?) -> Value? {
    guard case .section(let entries) = cursor.node.content else { return nil }
    guard let entry = entries.first(where: { $0.key == tag }) else {
      let remedy = "add `\(tag)`, one of " + words.map { "`\($0)`" }.joined(separator: ", ")
      return cursor.fail("the key `\(tag)` is missing", remedy)
    }
    let tagCursor = cursor.field(entry)
    guard let word = entry.value.scalarText else {
      return tagCursor.fail("a word is expected here, not \(entry.value.kindName)", "write one of the known words")
    }
    guard let selected = selected(by: cursor.node) else {
      let remedy = NearestName.suggestion(for: word, among: words)
      return tagCursor.fail("unknown \(tag) \(shown(word))", remedy)
    }
    return selected.read(cursor, base)
  }

  func write(_ value: Value) -> [TreeEntry] {
    for candidate in cases {
      guard let entries = candidate.write(value) else { continue }
      let word = Tree.scalar(candidate.word, isText: true)
      return [TreeEntry(key: tag, tree: word, isRequired: true, decidesOthers: true)] + entries
    }
    return []
  }

  var row: ReferenceRow {
    let limits = words.map { "`\($0)`" }.joined(separator: ", ")
    return ReferenceRow(key: tag, type: "word", base: nil, limits: limits, meaning: meaning)
  }

  var sections: [SectionReference] { cases.map { $0.reference(tag) } }
}
