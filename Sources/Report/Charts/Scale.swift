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

  /// A scale on which equal distances are equal ratios, from a power of ten to a power of ten.
  ///
  /// - Parameter label: Shows a tick's value.
  public static func logarithmic(
    _ domain: ClosedRange<Double>, from start: Double, to end: Double, label: (Double) -> String
  ) -> Scale {
    var low = 1.0
    while low > domain.lowerBound, low > 1e-9 { low /= 10 }
    while low * 10 <= domain.lowerBound { low *= 10 }
    var high = low * 10
    while high < domain.upperBound, high < 1e18 { high *= 10 }
    var ticks: [Tick] = []
    var power = low
    while power <= high * 1.000_001 {
      ticks.append(Tick(value: power, label: label(power)))
      power *= 10
    }
    return Scale(domain: low...high, ticks: ticks, start: start, end: end, isLogarithmic: true)
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
