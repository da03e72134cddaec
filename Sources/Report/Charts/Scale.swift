/// Turns values into positions on a chart, and chooses the values worth a line.
public struct Scale: Sendable {
  /// A value with a line and a label.
  public struct Tick: Sendable, Hashable {
    /// The value.
    public let value: Double
    /// The value as text.
    public let label: String
  }

  /// The values shown.
  public let domain: ClosedRange<Double>
  /// The values worth a line.
  public let ticks: [Tick]
  private let start: Double
  private let end: Double
  private let isLogarithmic: Bool

  /// A scale on which equal distances are equal differences.
  ///
  /// - Parameters:
  ///   - domain: The values to show; widened to the next tick when `widens`.
  ///   - start: Where the lowest value is; may be beyond `end`, as on a vertical axis.
  ///   - end: Where the highest value is.
  ///   - count: About how many ticks.
  public static func linear(
    _ domain: ClosedRange<Double>, from start: Double, to end: Double, ticks count: Int, widens: Bool = false
  ) -> Scale {
    let low = domain.lowerBound
    let span = domain.upperBound > low ? domain.upperBound - low : 1
    let (step, decimals) = niceStep(span / Double(max(count, 1)))
    let high = widens ? (((low + span) / step) - 1e-9).rounded(.up) * step : low + span
    var ticks: [Tick] = []
    var index = (low / step - 1e-9).rounded(.up)
    while index * step <= high + step * 1e-6 {
      ticks.append(Tick(value: index * step, label: Numerals.fixed(index * step, decimals)))
      index += 1
    }
    return Scale(domain: low...high, ticks: ticks, start: start, end: end, isLogarithmic: false)
  }

  /// A scale on which equal distances are equal ratios, from and to 1, 2 or 5 times a power of ten.
  ///
  /// - Parameter label: Shows a tick's value.
  public static func logarithmic(
    _ domain: ClosedRange<Double>, from start: Double, to end: Double, label: (Double) -> String
  ) -> Scale {
    // Each power by itself: dividing again and again by ten would drift, and labels with it.
    let powers = (-9...12).map { exponent in exponent < 0 ? 1 / powerOfTen(-exponent) : powerOfTen(exponent) }
    let steps = powers.flatMap { [$0, 2 * $0, 5 * $0] }
    let low = steps.last { $0 <= domain.lowerBound * 0.9 } ?? steps[0]
    let high = steps.first { $0 >= domain.upperBound && $0 > low } ?? steps[steps.count - 1]
    let tens = powers.filter { $0 >= low && $0 <= high }
    let shown = tens.count > 2 ? tens : steps.filter { $0 >= low && $0 <= high }
    return Scale(
      domain: low...high, ticks: shown.map { Tick(value: $0, label: label($0)) }, start: start, end: end,
      isLogarithmic: true)
  }

  /// Where a value is; values beyond the domain are put on its edge.
  public func position(of value: Double) -> Double {
    let value = min(max(value, domain.lowerBound), domain.upperBound)
    return start + (end - start) * share(value)
  }

  private func share(_ value: Double) -> Double {
    if isLogarithmic {
      let low = Logarithm.decimal(domain.lowerBound)
      return (Logarithm.decimal(value) - low) / (Logarithm.decimal(domain.upperBound) - low)
    }
    let span = domain.upperBound - domain.lowerBound
    return span > 0 ? (value - domain.lowerBound) / span : 0
  }

  /// Ten to a whole power; exact up to 22.
  private static func powerOfTen(_ exponent: Int) -> Double { (0..<exponent).reduce(1.0) { power, _ in power * 10 } }

  /// The next step of 1, 2 or 5 times a power of ten, and how many decimals it has.
  private static func niceStep(_ rough: Double) -> (step: Double, decimals: Int) {
    var power = 1.0
    var decimals = 0
    while power * 10 <= rough { power *= 10 }
    while power > rough, decimals < 9 {
      power /= 10
      decimals += 1
    }
    for factor in [1.0, 2, 5] where rough <= power * factor * 1.000_001 { return (power * factor, decimals) }
    return (power * 10, max(decimals - 1, 0))
  }
}
