/// A value on its way to being printed.
indirect enum Tree: Sendable, Equatable {
  /// A single value; a text may need quotes to be read as one, other values never do.
  case scalar(String, isText: Bool)
  /// Items in order.
  case list([Tree])
  /// Keys in the order of the schema.
  case section([TreeEntry])

  /// Written for an optional value that is not there.
  static let absentWord = "none"
  static let absent = Tree.scalar(absentWord, isText: false)

  subscript(key: String) -> Tree? {
    guard case .section(let entries) = self else { return nil }
    return entries.first { $0.key == key }?.tree
  }

  /// This tree without what `base` says already; nil when nothing is left.
  ///
  /// Lists are kept whole, because an entry has no meaning without its place among the others.
  func differing(from base: Tree) -> Tree? {
    if self == base { return nil }
    guard case .section(let entries) = self, case .section(let baseEntries) = base else { return self }
    let tag = entries.first(where: \.decidesOthers)
    if let tag, base[tag.key] != tag.tree { return self }
    guard baseEntries.allSatisfy({ self[$0.key] != nil }) else { return self }
    let kept = entries.compactMap { entry -> TreeEntry? in
      guard !entry.isRequired, let other = base[entry.key] else { return entry }
      guard let difference = entry.tree.differing(from: other) else { return nil }
      return TreeEntry(key: entry.key, tree: difference)
    }
    return .section(kept)
  }

  /// The nodes that reading this tree's print would give, all at one place.
  func sourceNode(at place: Place) -> SourceNode {
    switch self {
    case .scalar(let text, let isText):
      SourceNode(content: .scalar(text: text, isPlain: !isText), place: place)
    case .list(let items):
      SourceNode(content: .list(items.map { $0.sourceNode(at: place) }), place: place)
    case .section(let entries):
      SourceNode(
        content: .section(
          entries.map { SourceEntry(key: $0.key, keyPlace: place, value: $0.tree.sourceNode(at: place)) }),
        place: place)
    }
  }
}

/// A key and its value on their way to being printed.
struct TreeEntry: Sendable, Equatable {
  var key: String
  var tree: Tree
  /// A required key is printed even when its value is the default.
  var isRequired = false
  /// Whether this is the key that selects which other keys there are.
  var decidesOthers = false
}
