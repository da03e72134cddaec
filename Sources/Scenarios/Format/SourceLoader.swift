import Yams

/// Turns bytes into a tree of source nodes, refusing what a scenario has no use for before it can cost anything.
struct SourceLoader {
  let reader: Reader
  let source: SourceText
  let text: String

  /// Reads a whole file; nil after the errors were reported.
  static func load(bytes: [UInt8], file: String, reader: Reader) -> SourceNode? {
    func refuse(_ source: SourceText, line: Int, column: Int, _ message: String, _ remedy: String) -> SourceNode? {
      reader.report(Place(source: source, line: line, column: column), message, remedy)
      return nil
    }
    guard bytes.count <= SourceLimits.bytes else {
      let message = "the file has \(bytes.count) bytes, more than a scenario may have"
      return refuse(SourceText(name: file, text: ""), line: 1, column: 1, message, "at most 1MiB is read")
    }
    if let damage = BinaryDamage.first(in: bytes) {
      let source = SourceText(name: file, text: String(decoding: bytes, as: UTF8.self))
      return refuse(source, line: damage.line, column: damage.column, damage.message, "a scenario is UTF-8 text")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let loader = SourceLoader(reader: reader, source: SourceText(name: file, text: text), text: text)
    guard let node = loader.load() else { return nil }
    if node.isEmptyPlainScalar {
      return refuse(loader.source, line: 1, column: 1, "the scenario is empty", "write at least `{}`")
    }
    return node
  }

  /// Composes the text; an empty text is an empty plain scalar.
  func load() -> SourceNode? {
    let suspicion = ParserSuspicion(source: source)
    if let place = suspicion.aliasBomb { return refuseAnchor(at: place) }
    if let place = suspicion.keyBomb {
      return refuse(at: place, "there are too many `?` in a file of this size", "a key is a plain word before a colon")
    }
    do {
      // The basic resolver guesses no types. The parser must outlive the walk: nodes hold their anchors weakly.
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      return try withExtendedLifetime(parser) {
        guard let root = try parser.singleRoot() else {
          return SourceNode(content: .scalar(text: "", isPlain: true), place: place(nil))
        }
        return convert(root, depth: 1)
      }
    } catch {
      ParserFailure(error: error, source: source, text: text).report(to: reader)
      return nil
    }
  }

  private func place(_ mark: Mark?) -> Place {
    Place(source: source, line: mark?.line ?? 1, column: mark?.column ?? 1)
  }

  // MARK: Walking the composed tree

  /// Copies a node in document order and stops at the first anchor, so before any alias could be followed.
  private func convert(_ node: Node, depth: Int) -> SourceNode? {
    let place = place(node.mark)
    guard node.anchor == nil, node.alias == nil else { return refuseAnchor(at: place) }
    guard depth <= SourceLimits.depth else {
      let message = "sections and lists are nested more than \(SourceLimits.depth) deep"
      return refuse(at: place, message, "no scenario field is that deep: look for an unclosed bracket")
    }
    switch node {
    case .scalar(let scalar): return convert(scalar, at: place)
    case .sequence(let sequence): return convert(sequence, at: place, depth: depth)
    case .mapping(let mapping): return convert(mapping, at: place, depth: depth)
    case .alias: return refuseAnchor(at: place)
    }
  }

  private func convert(_ scalar: Node.Scalar, at place: Place) -> SourceNode? {
    guard isOwn(scalar.tag, .str) else { return refuseTag(scalar.tag.rawValue, at: place) }
    return SourceNode(content: .scalar(text: scalar.string, isPlain: scalar.style == .plain), place: place)
  }

  private func convert(_ sequence: Node.Sequence, at place: Place, depth: Int) -> SourceNode? {
    guard isOwn(sequence.tag, .seq) else { return refuseTag(sequence.tag.rawValue, at: place) }
    var items: [SourceNode] = []
    for item in sequence {
      guard let item = convert(item, depth: depth + 1) else { return nil }
      items.append(item)
    }
    return SourceNode(content: .list(items), place: place)
  }

  private func convert(_ mapping: Node.Mapping, at place: Place, depth: Int) -> SourceNode? {
    guard isOwn(mapping.tag, .map) else { return refuseTag(mapping.tag.rawValue, at: place) }
    var entries: [SourceEntry] = []
    for (key, value) in mapping {
      guard let keyNode = convert(key, depth: depth + 1) else { return nil }
      guard case .scalar(let name, let isPlain) = keyNode.content else {
        return refuse(at: keyNode.place, "\(keyNode.kindName) cannot be a key", "a key is a plain word")
      }
      if name == "<<", isPlain {
        return refuse(at: keyNode.place, "merge keys (`<<`) are not understood", "write the keys out")
      }
      guard let valueNode = convert(value, depth: depth + 1) else { return nil }
      entries.append(SourceEntry(key: name, keyPlace: keyNode.place, value: valueNode))
    }
    return SourceNode(content: .section(entries), place: place)
  }

  /// Whether a tag says no more than its node does; the parser itself gives such tags to keys and quoted texts.
  private func isOwn(_ tag: Tag, _ name: Tag.Name) -> Bool {
    tag.rawValue.isEmpty || tag.rawValue == name.rawValue
  }

  // MARK: Refusals

  private func refuse(at place: Place, _ message: String, _ remedy: String) -> SourceNode? {
    reader.report(place, message, remedy)
    return nil
  }

  private func refuseAnchor(at place: Place) -> SourceNode? {
    refuse(at: place, ParserFailure.anchorMessage, ParserFailure.anchorRemedy)
  }

  private func refuseTag(_ tag: String, at place: Place) -> SourceNode? {
    refuse(at: place, "the tag `\(tag)` is not understood", "leave it out: the field decides what its value means")
  }
}
