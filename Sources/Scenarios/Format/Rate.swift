/// So many events in so many nanoseconds, exactly, in lowest terms.
public struct Rate: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// How many events there are in a period.
  public let count: UInt64
  /// The period; never zero.
  public let periodNanoseconds: UInt64

  /// Makes a rate in lowest terms; a period of zero counts as one nanosecond.
  public init(_ count: UInt64, perNanoseconds period: UInt64) {
    let period = max(period, 1)
    let divisor = Self.greatestCommonDivisor(count, period)
    self.count = count / divisor
    periodNanoseconds = period / divisor
  }

  /// So many events a second.
  public static func perSecond(_ count: UInt64) -> Rate { Rate(count, perNanoseconds: 1_000_000_000) }

  /// Compares exactly, by cross multiplication.
  public static func < (left: Rate, right: Rate) -> Bool {
    left.count.multipliedFullWidth(by: right.periodNanoseconds)
      < right.count.multipliedFullWidth(by: left.periodNanoseconds)
  }

  /// As in a scenario: per second if that is whole, else per minute, hour or a longer or shorter period.
  public var description: String {
    if count == 0 { return "0/s" }
    for unit in ["s", "m", "h"] {
      guard let factor = UnitTable.duration.factor(of: unit) else { continue }
      let (quotient, remainder) = (Int128(count) * factor).quotientAndRemainder(dividingBy: Int128(periodNanoseconds))
      if remainder == 0, quotient <= Int128(UInt64.max) { return "\(quotient)/\(unit)" }
    }
    let period = UnitTable.duration.print(Int128(periodNanoseconds))
    return "\(count)/\(period.dropPrefixOfOne)"
  }

  /// Reads `500/s`, `0.5/s`, `5/10s`.
  static func parse(_ text: String) throws(Misfit) -> Rate {
    let remedy = "write something like 500/s, 20/m or 5/10s"
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let first = parts[1].unicodeScalars.first else {
      throw Misfit("\(shown(text)) is not a rate", remedy)
    }
    let number = try ExactDecimal.parse(String(parts[0]), example: "500", whole: "number of events")
    guard number.unit.isEmpty, number.mantissa >= 0 else { throw Misfit("\(shown(text)) is not a rate", remedy) }
    let hasNumber = "0"..."9" ~= first || first == "-" || first == "."
    let period = try UnitTable.duration.parse(hasNumber ? String(parts[1]) : "1\(parts[1])")
    guard period > 0 else { throw Misfit("the period of \(shown(text)) is not above zero", remedy) }
    return try exact(number, over: period, text)
  }

  /// Takes the fraction of the number into the period.
  private static func exact(_ number: ExactDecimal, over period: Int128, _ text: String) throws(Misfit) -> Rate {
    let tooFine = Misfit("\(shown(text)) cannot be said exactly", "write fewer digits or a longer period")
    var events = number.mantissa
    var scaled = period
    for _ in 0..<number.scale {
      if events % 10 == 0 {
        events /= 10
        continue
      }
      let (product, overflow) = scaled.multipliedReportingOverflow(by: 10)
      guard !overflow else { throw tooFine }
      scaled = product
    }
    let divisor = greatestCommonDivisor(events.magnitude, scaled.magnitude)
    guard let count = UInt64(exactly: events.magnitude / divisor),
      let nanoseconds = UInt64(exactly: scaled.magnitude / divisor)
    else { throw tooFine }
    return Rate(count, perNanoseconds: nanoseconds)
  }

  private static func greatestCommonDivisor<Number: BinaryInteger>(_ first: Number, _ second: Number) -> Number {
    var (larger, smaller) = (first, second)
    while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
    return max(larger, 1)
  }
}

extension String {
  /// `1ms` as a period is written `ms`.
  fileprivate var dropPrefixOfOne: Substring {
    guard hasPrefix("1"), let second = dropFirst().first, !("0"..."9" ~= second) else { return self[...] }
    return dropFirst()
  }
}
