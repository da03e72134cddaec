/// A text taken apart into its numbers and what stands around them, so that texts that differ in numbers only can be told as one.
struct NumberedText: Sendable {
  /// What stands around the numbers, one more than there are numbers.
  let words: [String]
  /// The numbers, as written.
  let numbers: [String]

  /// Takes a text apart; a number is digits, with decimals if it has any.
  init(_ text: String) {
    var words = [""]
    var numbers: [String] = []
    var rest = text[...]
    while let first = rest.first {
      guard first.isDigit else {
        words[words.count - 1].append(rest.removeFirst())
        continue
      }
      let number = Self.number(at: rest)
      numbers.append(String(number))
      words.append("")
      rest = rest[number.endIndex...]
    }
    self.words = words
    self.numbers = numbers
  }

  private static func number(at rest: Substring) -> Substring {
    let whole = rest.prefix(while: \.isDigit)
    let behind = rest[whole.endIndex...]
    let decimals = behind.dropFirst().prefix(while: \.isDigit)
    return behind.first == "." && !decimals.isEmpty ? rest[..<decimals.endIndex] : whole
  }

  /// One text for several of the same words: a number that varies becomes its values in braces.
  static func merged(_ texts: [NumberedText]) -> String {
    guard let first = texts.first else { return "" }
    var merged = first.words[0]
    for index in first.numbers.indices {
      merged += told(texts.map { $0.numbers[index] }) + first.words[index + 1]
    }
    return merged
  }

  /// Up to so many values are told one by one.
  private static let toldEach = 6

  private static func told(_ values: [String]) -> String {
    let ordered = Set(values).sorted { left, right in
      let (one, other) = (Double(left) ?? 0, Double(right) ?? 0)
      return one != other ? one < other : left.utf8.lexicographicallyPrecedes(right.utf8)
    }
    if ordered.count == 1 { return ordered[0] }
    if ordered.count <= toldEach { return "{" + ordered.joined(separator: ",") + "}" }
    return "{\(ordered[0])…\(ordered[ordered.count - 1])}"
  }
}

extension Character {
  /// Whether this is one of 0 to 9.
  fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
