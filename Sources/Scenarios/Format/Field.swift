/// A property that a field sets, such as `\.leaseTerm`.
public typealias FieldPath<Owner, Value> = any WritableKeyPath<Owner, Value> & Sendable

/// What a field does with the section it belongs to; most fields have one key, a variant has as many as its case.
public struct Field<Owner: Sendable>: Sendable {
  /// The keys that the field takes in this section.
  let keys: @Sendable (SourceNode) -> [String]
  /// Reads the field's keys from a section into the owner, reporting what is wrong.
  let read: @Sendable (Cursor, inout Owner) -> Void
  /// The field's keys and values, for printing.
  let write: @Sendable (Owner) -> [TreeEntry]
  /// The rows of the reference, given the owner with its defaults.
  let rows: @Sendable (Owner) -> [ReferenceRow]
  /// The sections that the rows mention.
  let sections: [SectionReference]

  init(
    keys: @escaping @Sendable (SourceNode) -> [String], read: @escaping @Sendable (Cursor, inout Owner) -> Void,
    write: @escaping @Sendable (Owner) -> [TreeEntry], rows: @escaping @Sendable (Owner) -> [ReferenceRow],
    sections: [SectionReference]
  ) {
    self.keys = keys
    self.read = read
    self.write = write
    self.rows = rows
    self.sections = sections
  }

  /// A key of a section.
  ///
  /// - Parameters:
  ///   - key: the key as written in the file.
  ///   - path: the property that it sets.
  ///   - format: how its value is written.
  ///   - meaning: one sentence for the reference.
  ///   - isRequired: whether the file must give it; otherwise the owner's value stays.
  public init<Value>(
    _ key: String, _ path: FieldPath<Owner, Value>, _ format: Format<Value>, _ meaning: String,
    isRequired: Bool = false
  ) {
    self.init(
      keys: { _ in [key] },
      read: { cursor, owner in
        guard case .section(let entries) = cursor.node.content else { return }
        guard let entry = entries.first(where: { $0.key == key }) else {
          if isRequired { Self.reportMissing(key, format.type, in: cursor) }
          return
        }
        if let value = format.read(cursor.field(entry), owner[keyPath: path]) { owner[keyPath: path] = value }
      },
      write: { [TreeEntry(key: key, tree: format.write($0[keyPath: path]), isRequired: isRequired)] },
      rows: { defaults in
        let value = isRequired ? nil : format.write(defaults[keyPath: path])
        return [ReferenceRow(key: key, type: format.type, base: value, limits: format.limits, meaning: meaning)]
      },
      sections: format.sections)
  }

  private static func reportMissing(_ key: String, _ type: String, in cursor: Cursor) {
    cursor.reader.report(cursor.node.place, "the key `\(key)` is missing", "add `\(key)`, \(article(type))")
  }

  /// A choice whose keys stand beside the other keys of the section: `kind: crash`, and what a crash needs.
  public static func variant<Value>(_ path: FieldPath<Owner, Value>, _ union: Union<Value>) -> Field {
    Field(
      keys: { union.keys($0) },
      read: { cursor, owner in
        if let value = union.read(cursor, owner[keyPath: path]) { owner[keyPath: path] = value }
      },
      write: { union.write($0[keyPath: path]) },
      rows: { _ in [union.row] },
      sections: union.sections)
  }
}
