extension Format where Value: FixedWidthInteger {
  /// A whole number within limits; digits may be grouped as in `1_000`.
  public static func count(in limits: ClosedRange<Value> = .min ... .max) -> Format {
    Format(scalar: "count", limits: "\(limits.lowerBound) to \(limits.upperBound)", example: "a whole number") { text in
      let decimal = try ExactDecimal.parse(text, example: "10", whole: "count")
      guard decimal.scale == 0, decimal.unit.isEmpty else {
        throw Misfit("\(shown(text)) is not a whole number", "write digits only, such as 10 or 1_000")
      }
      return try checked(decimal.mantissa, text, limits) { String($0) }
    } print: {
      String($0)
    }
  }

  /// The number as a value, when it lies within the limits.
  static func checked(
    _ number: Int128, _ text: String, _ limits: ClosedRange<Value>, print: (Value) -> String
  ) throws(Misfit) -> Value {
    guard let value = Value(exactly: number), limits.contains(value) else {
      throw Misfit(
        "\(shown(text)) is out of limits",
        "write \(print(limits.lowerBound)) to \(print(limits.upperBound))")
    }
    return value
  }
}

extension Format where Value == Bool {
  /// `true` or `false`, and no other words for them.
  public static var boolean: Format {
    Format(scalar: "boolean", example: "true or false") { text in
      switch text {
      case "true": return true
      case "false": return false
      default: throw Misfit("\(shown(text)) is neither true nor false", "write true or false")
      }
    } print: {
      $0 ? "true" : "false"
    }
  }
}

/// Which texts a field takes.
public struct Alphabet: Sendable {
  let words: String
  let contains: @Sendable (Unicode.Scalar) -> Bool

  /// An alphabet with its description: "letters and digits".
  public init(_ words: String, contains: @escaping @Sendable (Unicode.Scalar) -> Bool) {
    self.words = words
    self.contains = contains
  }

  /// Anything, line breaks included.
  public static let anything = Alphabet("any characters") { _ in true }

  /// What names of hosts, topics and the like are made of: ASCII letters, digits, `-`, `_` and `.`.
  public static let names = Alphabet("letters, digits, `-`, `_` and `.`") { scalar in
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
    default: false
    }
  }
}

extension Format where Value == String {
  /// A text of so many characters (Unicode scalars) of an alphabet.
  public static func text(of length: ClosedRange<Int> = 0...1_000, from alphabet: Alphabet = .anything) -> Format {
    let limits = "\(length.lowerBound) to \(length.upperBound) characters: \(alphabet.words)"
    return Format(scalar: "text", limits: limits, isText: true, example: "a text") { text in
      guard length.contains(text.unicodeScalars.count) else {
        throw Misfit(
          "the text has \(text.unicodeScalars.count) characters",
          "\(length.lowerBound) to \(length.upperBound) are allowed")
      }
      if let stranger = text.unicodeScalars.first(where: { !alphabet.contains($0) }) {
        throw Misfit("\(shown(text)) contains \(shown(String(stranger)))", "allowed are \(alphabet.words)")
      }
      return text
    } print: {
      $0
    }
  }

  /// A name: 1 to 64 characters that need no quotes.
  public static var name: Format { text(of: 1...64, from: .names) }
}

extension Format where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
  /// One of an enumeration's raw values.
  public static var choice: Format {
    let words = Value.allCases.map(\.rawValue)
    return Format(scalar: "word", limits: words.map { "`\($0)`" }.joined(separator: ", "), example: "a word") { text in
      guard let value = Value(rawValue: text), words.contains(text) else {
        throw Misfit("\(shown(text)) is not known here", NearestName.suggestion(for: text, among: words))
      }
      return value
    } print: {
      $0.rawValue
    }
  }
}
