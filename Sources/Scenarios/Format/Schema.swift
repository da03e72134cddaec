/// The keys of one section: a single declaration that reads, checks, prints and documents it.
///
///     let agents = Schema<Agents>("agents", "The agents of the cluster.", defaults: Agents.init) {
///       Field("count", \.count, .count(in: 1...1_000), "How many agents there are.")
///       Field("leaseTerm", \.leaseTerm, .duration(in: second...hour), "How long a lease is held.")
///     }
public struct Schema<Value: Sendable>: Sendable {
  /// The name of the section in the reference.
  public let name: String
  /// What the section is about, in a sentence.
  public let meaning: String
  let defaults: @Sendable () -> Value
  let fields: [Field<Value>]
  let validate: @Sendable (Value, Locator) throws -> Void

  /// Declares a section.
  ///
  /// - Parameters:
  ///   - name: the name of the section in the reference.
  ///   - meaning: what the section is about, in a sentence.
  ///   - defaults: makes the value that the file's keys override.
  ///   - fields: the keys in the order of printing.
  ///   - validate: checks the section as a whole, once its fields are right, by throwing `locator.error(at:…)` or by
  ///     reporting several.
  public init(
    _ name: String, _ meaning: String, defaults: @escaping @Sendable () -> Value,
    @ListBuilder<Field<Value>> fields: () -> [Field<Value>],
    validate: @escaping @Sendable (Value, Locator) throws -> Void = { _, _ in }
  ) {
    self.name = name
    self.meaning = meaning
    self.defaults = defaults
    self.fields = fields()
    self.validate = validate
  }

  /// Reads a section over a base value.
  func read(_ cursor: Cursor, over base: Value?) -> Value? {
    guard case .section(let entries) = cursor.node.content else {
      return cursor.fail(
        "the section \(shown(name)) is expected here, not \(cursor.node.kindName)", "write its keys, or `{}`")
    }
    let errorsBefore = cursor.reader.errorCount
    reportUnknownKeys(of: entries, in: cursor)
    let value = readFields(cursor, over: base)
    guard cursor.reader.errorCount == errorsBefore else { return nil }
    runValidation(of: value, at: cursor)
    return cursor.reader.errorCount == errorsBefore ? value : nil
  }

  /// Reports what the section's own validation throws.
  func runValidation(of value: Value, at cursor: Cursor) {
    do {
      try validate(value, Locator(path: cursor.path, reader: cursor.reader))
    } catch let error as ScenarioError {
      cursor.reader.append(error)
    } catch let failure as ScenarioErrors {
      failure.errors.forEach(cursor.reader.append)
    } catch {
      cursor.reader.report(cursor.node.place, "\(error)", "")
    }
  }

  private func reportUnknownKeys(of entries: [SourceEntry], in cursor: Cursor) {
    let known = keys(in: cursor.node)
    var seen: Set<String> = []
    for entry in entries {
      if !known.contains(entry.key) {
        let remedy = NearestName.suggestion(for: entry.key, among: known)
        cursor.reader.report(entry.keyPlace, "unknown key \(shown(entry.key))", remedy)
      } else if !seen.insert(entry.key).inserted {
        cursor.reader.report(entry.keyPlace, "\(shown(entry.key)) is given twice", "keep one of them")
      }
    }
  }

  /// Reads the fields without looking at other keys, for sections that share their keys with others.
  func readFields(_ cursor: Cursor, over base: Value?) -> Value {
    var value = base ?? defaults()
    for field in fields { field.read(cursor, &value) }
    return value
  }

  func keys(in node: SourceNode) -> [String] { fields.flatMap { $0.keys(node) } }

  func entries(of value: Value) -> [TreeEntry] { fields.flatMap { $0.write(value) } }

  func tree(of value: Value) -> Tree { .section(entries(of: value)) }

  var reference: SectionReference {
    let defaults = defaults()
    return SectionReference(
      name: name, meaning: meaning, rows: fields.flatMap { $0.rows(defaults) }, sections: fields.flatMap(\.sections))
  }
}

/// Collects declarations one below the other.
@resultBuilder
public enum ListBuilder<Element> {
  /// One declaration.
  public static func buildExpression(_ element: Element) -> [Element] { [element] }
  /// Several declarations at once.
  public static func buildExpression(_ elements: [Element]) -> [Element] { elements }
  /// All of them in order.
  public static func buildBlock(_ parts: [Element]...) -> [Element] { parts.flatMap { $0 } }
}
