import Simulation

/// A JSON value whose objects keep the order in which they were made.
enum JSON {
  case null
  case number(String)
  case text(String)
  case list([JSON])
  case object([(String, JSON)])

  static func count(_ value: some BinaryInteger) -> JSON { .number("\(value)") }

  /// A plain decimal with up to six digits behind the point, never an exponent.
  static func decimal(_ value: Double) -> JSON {
    guard value.isFinite, abs(value) < 9e12 else { return .number("0") }
    let millionths = Int64((value * 1_000_000).rounded())
    let (whole, rest) = abs(millionths).quotientAndRemainder(dividingBy: 1_000_000)
    let sign = millionths < 0 ? "-" : ""
    if rest == 0 { return .number("\(sign)\(whole)") }
    var digits = String(rest)
    digits = String(repeating: "0", count: 6 - digits.count) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    return .number("\(sign)\(whole).\(digits)")
  }

  var text: String {
    switch self {
    case .null: "null"
    case .number(let digits): digits
    case .text(let value): "\"\(value.escapedForJSON)\""
    case .list(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
    case .object(let fields):
      "{" + fields.map { "\"\($0.0.escapedForJSON)\":\($0.1.text)" }.joined(separator: ",") + "}"
    }
  }
}
