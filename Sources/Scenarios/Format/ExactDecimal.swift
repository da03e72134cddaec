/// A number as it is written, without rounding: mantissa × 10^-scale, and the unit that follows it.
struct ExactDecimal {
  /// So many digits, times the largest unit, still fit into 128 bits.
  private static let mostDigits = 24

  var mantissa: Int128
  var scale: Int
  var unit: String

  /// Parses `-1_000.25ms`.
  ///
  /// - Parameters:
  ///   - text: the whole scalar.
  ///   - example: what a right value looks like.
  ///   - whole: what kind of value is expected.
  static func parse(_ text: String, example: String, whole: String) throws(Misfit) -> ExactDecimal {
    let misfit = Misfit("\(shown(text)) is not \(article(whole))", "write something like \(example)")
    var rest = text.unicodeScalars[...]
    let isNegative = rest.first == "-"
    if isNegative { rest.removeFirst() }
    var number = ExactDecimal(mantissa: 0, scale: 0, unit: "")
    var digits = 0
    var inFraction = false
    var previousWasDigit = false
    while let scalar = rest.first {
      if "0"..."9" ~= scalar {
        digits += 1
        guard digits <= mostDigits else {
          throw Misfit("\(shown(text)) has more than \(mostDigits) digits", "write a shorter number")
        }
        number.mantissa = number.mantissa * 10 + Int128(scalar.value - 48)
        if inFraction { number.scale += 1 }
      } else if scalar == "_" || scalar == "." {
        // Separators stand between digits only, and there is one point.
        guard previousWasDigit, let next = rest.dropFirst().first, "0"..."9" ~= next else { throw misfit }
        if scalar == "." {
          guard !inFraction else { throw misfit }
          inFraction = true
        }
      } else {
        break
      }
      previousWasDigit = "0"..."9" ~= scalar
      rest.removeFirst()
    }
    guard digits > 0 else { throw misfit }
    if isNegative { number.mantissa = -number.mantissa }
    number.unit = String(rest)
    return number
  }

  /// The number times a factor, when that is whole.
  func times(_ factor: Int128) -> Int128? {
    var divisor: Int128 = 1
    for _ in 0..<scale { divisor *= 10 }
    let (quotient, remainder) = (mantissa * factor).quotientAndRemainder(dividingBy: divisor)
    return remainder == 0 ? quotient : nil
  }
}
