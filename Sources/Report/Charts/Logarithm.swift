/// Logarithms for axes, by the four operations alone: the C library's differ between its versions, and a page is to be the same bytes everywhere.
enum Logarithm {
  /// The logarithm to the base ten of a number above zero.
  static func decimal(_ value: Double) -> Double { natural(value) / natural(10) }

  /// The natural logarithm: the exponent's share, and for the rest ln m = 2 artanh((m − 1) / (m + 1)) as a series.
  private static func natural(_ value: Double) -> Double {
    var exponent = Double(value.exponent)
    var significand = value.significand
    // Around 1 the series converges fastest.
    if significand > 1.414_213_562_373_095_1 {
      significand /= 2
      exponent += 1
    }
    let ratio = (significand - 1) / (significand + 1)
    var sum = 0.0
    var power = ratio
    for term in stride(from: 1.0, through: 23, by: 2) {
      sum += power / term
      power *= ratio * ratio
    }
    return exponent * 0.693_147_180_559_945_3 + 2 * sum
  }
}
