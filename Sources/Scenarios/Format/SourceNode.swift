/// A node of a parsed scenario, with its text as written and the place where it stands.
struct SourceNode: Sendable {
  enum Content: Sendable {
    case scalar(text: String, isPlain: Bool)
    case list([SourceNode])
    case section([SourceEntry])
  }

  var content: Content
  var place: Place

  /// What a person would call this kind of node.
  var kindName: String {
    switch content {
    case .scalar(let text, true) where text.isEmpty: "nothing"
    case .scalar: "a single value"
    case .list: "a list"
    case .section: "a section"
    }
  }

  /// Whether this is the unquoted word that stands for an absent value.
  var isAbsent: Bool {
    if case .scalar(Tree.absentWord, true) = content { true } else { false }
  }

  var isEmptyPlainScalar: Bool {
    if case .scalar("", true) = content { true } else { false }
  }

  /// The entry of a section with that key, nil for lists and scalars.
  subscript(key: String) -> SourceNode? {
    guard case .section(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The text of a scalar, nil for lists and sections.
  var scalarText: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }
}

/// A key of a section and its value.
struct SourceEntry: Sendable {
  var key: String
  var keyPlace: Place
  var value: SourceNode
}
