/// A picture of a node's state in one canonical form: the same state gives the same text.
public indirect enum Snapshot: Sendable, Hashable {
  /// A whole number.
  case number(Int64)
  /// A text.
  case text(String)
  /// Values in order.
  case list([Snapshot])
  /// Named values in the order given; the maker sorts what has no order of its own.
  case fields([Field])

  /// A named value.
  public struct Field: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The value.
    public let value: Snapshot
    /// Makes a field.
    public init(_ name: String, _ value: Snapshot) {
      self.name = name
      self.value = value
    }
  }

  /// A whole number.
  public static func number(_ value: UInt64) -> Snapshot { .number(Int64(bitPattern: value)) }

  /// The snapshot as JSON.
  public var json: String {
    switch self {
    case .number(let value): "\(value)"
    case .text(let value): "\"\(value.escapedForJSON)\""
    case .list(let values): "[" + values.map(\.json).joined(separator: ",") + "]"
    case .fields(let fields):
      "{" + fields.map { "\"\($0.name.escapedForJSON)\":\($0.value.json)" }.joined(separator: ",") + "}"
    }
  }
}
