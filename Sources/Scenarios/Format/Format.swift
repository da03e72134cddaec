/// How a value is written in a scenario: what reads it, what prints it, and what the reference says of it.
///
/// Formats compose: `.optional(.range(of: .duration(in: 0...hour)))`.
public struct Format<Value: Sendable>: Sendable {
  /// What the reference calls the type, with its unit: "duration".
  let type: String
  /// The limits in words, nil when there are none.
  let limits: String?
  /// The sections that are described where this format is used.
  let sections: [SectionReference]
  /// Reads a node over a base value (the default, if there is one); nil after an error was reported.
  let read: @Sendable (_ cursor: Cursor, _ base: Value?) -> Value?
  /// The inverse of `read`.
  let write: @Sendable (Value) -> Tree

  init(
    type: String, limits: String? = nil, sections: [SectionReference] = [],
    read: @escaping @Sendable (Cursor, Value?) -> Value?, write: @escaping @Sendable (Value) -> Tree
  ) {
    self.type = type
    self.limits = limits
    self.sections = sections
    self.read = read
    self.write = write
  }

  /// A format of single values: `parse` throws what is wrong with a text.
  init(
    scalar type: String, limits: String? = nil, isText: Bool = false, example: String,
    parse: @escaping @Sendable (String) throws -> Value, print: @escaping @Sendable (Value) -> String
  ) {
    self.init(type: type, limits: limits) { cursor, _ in
      guard let text = cursor.node.scalarText, isText || !cursor.node.isEmptyPlainScalar else {
        return cursor.fail("\(article(type)) is expected here, not \(cursor.node.kindName)", "write \(example)")
      }
      do {
        return try parse(text)
      } catch let misfit as Misfit {
        return cursor.fail(misfit.message, misfit.remedy)
      } catch {
        return cursor.fail("\(shown(text)) is not \(article(type))", "write \(example)")
      }
    } write: { value in
      .scalar(print(value), isText: isText)
    }
  }
}

/// Why a text is not a value, and what would be one.
struct Misfit: Error {
  let message: String
  let remedy: String

  init(_ message: String, _ remedy: String) {
    self.message = message
    self.remedy = remedy
  }
}

/// The noun with "a" or "an" before it.
func article(_ noun: String) -> String {
  let vowels: Set<Character> = ["a", "e", "i", "o", "u"]
  return (noun.first.map(vowels.contains) ?? false ? "an " : "a ") + noun
}

/// A text in backquotes, cut so that an error stays readable.
func shown(_ text: String) -> String {
  let widest = 40
  let flat = String(String.UnicodeScalarView(text.unicodeScalars.prefix(widest).map { $0.value < 0x20 ? " " : $0 }))
  return "`\(flat)\(text.unicodeScalars.count > widest ? "…" : "")`"
}
