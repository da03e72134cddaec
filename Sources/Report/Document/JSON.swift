import Simulation

/// A JSON value whose keys keep their order, so that the same value is always the same text.
public enum JSON: Sendable, Hashable {
  /// An object with its members in order.
  case object([Member])
  /// An array.
  case array([JSON])
  /// A string.
  case text(String)
  /// A number, written as given: digits, perhaps with a sign and decimals.
  case decimal(String)
  /// True or false.
  case boolean(Bool)
  /// Nothing.
  case null

  /// A member of an object.
  public struct Member: Sendable, Hashable {
    /// The key.
    public let key: String
    /// The value.
    public let value: JSON
    /// Makes a member.
    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// A whole number.
  public static func number(_ value: UInt64) -> JSON { .decimal(String(value)) }

  /// A whole number.
  public static func number(_ value: Int) -> JSON { .decimal(String(value)) }

  /// A number, as the shortest decimals that read back as the same; what is no number is null.
  public static func number(_ value: Double) -> JSON { value.isFinite ? .decimal(Numerals.plain(value)) : .null }

  /// The value as text in one line.
  public var compact: String {
    switch self {
    case .object(let members):
      "{" + members.map { "\(Self.quoted($0.key)): \($0.value.compact)" }.joined(separator: ", ") + "}"
    case .array(let values): "[" + values.map(\.compact).joined(separator: ", ") + "]"
    case .text(let text): Self.quoted(text)
    case .decimal(let digits): digits
    case .boolean(let value): value ? "true" : "false"
    case .null: "null"
    }
  }

  /// The value as text for people and programs: what fits stays on a line, what does not is indented.
  public var pretty: String { pretty(indent: "", used: 0) }

  private func pretty(indent: String, used: Int) -> String {
    let line = compact
    if used + indent.count + line.count <= Wrapping.width && !hasNestedObjects { return line }
    let inner = indent + "  "
    switch self {
    case .object(let members) where !members.isEmpty:
      let lines = members.map { member in
        let key = Self.quoted(member.key) + ": "
        return inner + key + member.value.pretty(indent: inner, used: key.count + 1)
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    case .array(let values) where !values.isEmpty:
      return "[\n" + values.map { inner + $0.pretty(indent: inner, used: 1) }.joined(separator: ",\n") + "\n\(indent)]"
    default: return line
    }
  }

  private var hasNestedObjects: Bool {
    guard case .object(let members) = self else { return false }
    return members.contains { member in
      if case .object = member.value { true } else { false }
    }
  }

  private static func quoted(_ text: String) -> String { "\"\(text.escapedForJSON)\"" }
}

extension JSON: ExpressibleByDictionaryLiteral {
  /// Makes an object whose members keep the order in which they are written.
  public init(dictionaryLiteral members: (String, JSON)...) { self = .object(members.map { Member($0.0, $0.1) }) }
}
