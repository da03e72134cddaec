extension Format {
  /// A nested section; what it leaves out stays as the owner's default has it.
  public static func section(_ schema: Schema<Value>) -> Format {
    Format(type: "section [\(schema.name)]", sections: [schema.reference]) { cursor, base in
      schema.read(cursor, over: base)
    } write: { value in
      schema.tree(of: value)
    }
  }

  /// A section that is nothing but a union: the tag and the keys of its case.
  public static func union(_ union: Union<Value>, name: String) -> Format {
    Format(
      type: "section [\(name)]",
      sections: [SectionReference(name: name, meaning: union.meaning, rows: [union.row], sections: union.sections)]
    ) { cursor, base in
      guard case .section(let entries) = cursor.node.content else {
        return cursor.fail("a section is expected here, not \(cursor.node.kindName)", "write `\(union.tag): …`")
      }
      let errorsBefore = cursor.reader.errorCount
      let known = union.keys(cursor.node)
      for entry in entries where !known.contains(entry.key) {
        let remedy = NearestName.suggestion(for: entry.key, among: known)
        cursor.reader.report(entry.keyPlace, "unknown key \(shown(entry.key))", remedy)
      }
      let value = union.read(cursor, base)
      return cursor.reader.errorCount == errorsBefore ? value : nil
    } write: { value in
      .section(union.write(value))
    }
  }

  /// A value that may be absent, which is written `none`.
  public static func optional<Wrapped>(_ wrapped: Format<Wrapped>) -> Format where Value == Wrapped? {
    Format(type: "\(wrapped.type) or `\(Tree.absentWord)`", limits: wrapped.limits, sections: wrapped.sections) {
      cursor, base in
      if cursor.node.isAbsent { return .some(nil) }
      return wrapped.read(cursor, base ?? nil).map { .some($0) }
    } write: { value in
      guard let value else { return .absent }
      let tree = wrapped.write(value)
      if case .scalar(Tree.absentWord, _) = tree { return .scalar(Tree.absentWord, isText: true) }
      return tree
    }
  }

  /// A list of so many items.
  public static func list<Item>(of item: Format<Item>, count: ClosedRange<Int>) -> Format where Value == [Item] {
    Format(type: "list of \(item.type)s", limits: entryLimits(count, item.limits), sections: item.sections) {
      cursor, _ in
      guard case .list(let nodes) = cursor.node.content else {
        return cursor.fail("a list is expected here, not \(cursor.node.kindName)", "write `- …` items, or `[]`")
      }
      guard checkCount(nodes.count, count, cursor) else { return nil }
      let errorsBefore = cursor.reader.errorCount
      let items = nodes.enumerated().compactMap { index, node in
        item.read(cursor.item(node, index: String(index)), nil)
      }
      return cursor.reader.errorCount == errorsBefore ? items : nil
    } write: { items in
      .list(items.map(item.write))
    }
  }

  /// Sections by name, kept in the order of the file; the key is stored in the item's `name` property.
  public static func named<Item>(
    _ schema: Schema<Item>, name: FieldPath<Item, String>, names: Format<String> = .name,
    count: ClosedRange<Int>
  ) -> Format where Value == [Item] {
    Format(type: "sections [\(schema.name)] by name", limits: entryLimits(count, nil), sections: [schema.reference]) {
      cursor, _ in
      guard case .section(let entries) = cursor.node.content else {
        return cursor.fail(
          "named sections are expected here, not \(cursor.node.kindName)", "write `name:` and its keys")
      }
      guard checkCount(entries.count, count, cursor) else { return nil }
      let errorsBefore = cursor.reader.errorCount
      var items: [Item] = []
      for entry in entries {
        let keyNode = SourceNode(content: .scalar(text: entry.key, isPlain: false), place: entry.keyPlace)
        let itemCursor = cursor.item(entry.value, index: entry.key, keyPlace: entry.keyPlace)
        guard let key = names.read(Cursor(node: keyNode, path: itemCursor.path, reader: cursor.reader), nil) else {
          continue
        }
        var base = schema.defaults()
        base[keyPath: name] = key
        if let item = schema.read(itemCursor, over: base) { items.append(item) }
      }
      return cursor.reader.errorCount == errorsBefore ? items : nil
    } write: { items in
      .section(items.map { TreeEntry(key: $0[keyPath: name], tree: schema.tree(of: $0), isRequired: true) })
    }
  }

  private static func entryLimits(_ count: ClosedRange<Int>, _ each: String?) -> String {
    "\(count.lowerBound) to \(count.upperBound) entries" + (each.map { ", each \($0)" } ?? "")
  }

  private static func checkCount(_ found: Int, _ count: ClosedRange<Int>, _ cursor: Cursor) -> Bool {
    if count.contains(found) { return true }
    let remedy = "\(count.lowerBound) to \(count.upperBound) are allowed"
    cursor.reader.report(cursor.node.place, "there are \(found) entries", remedy)
    return false
  }
}
