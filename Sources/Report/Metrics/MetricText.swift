import Nodes

/// Values of metrics as text: whole numbers or exact decimals, never rounded and never by way of a floating-point number.
enum MetricText {
  /// A value in its unit, such as `0.25` for 250,000,000 nanoseconds.
  static func value(_ value: Int64, _ unit: MetricUnit) -> String { decimal(value, scale: unit.scale) }

  /// A time in nanoseconds as seconds.
  static func seconds(_ nanoseconds: Int64) -> String { decimal(nanoseconds, scale: MetricUnit.seconds.scale) }

  private static func decimal(_ value: Int64, scale: Int64) -> String {
    guard scale > 1 else { return String(value) }
    let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: scale.magnitude)
    let sign = value < 0 ? "-" : ""
    guard rest > 0 else { return sign + String(whole) }
    // The zeros in front of the rest come from the scale, a power of ten.
    var digits = String(String(scale.magnitude + rest).dropFirst())
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(sign)\(whole).\(digits)"
  }

  /// A histogram's buckets as OpenMetrics counts them: each with all that is not larger than its bound.
  static func buckets(_ histogram: MetricHistogram, _ unit: MetricUnit) -> [(bound: String, count: UInt64)] {
    var count: UInt64 = 0
    return histogram.counts.enumerated().map { place, counted in
      count += counted
      return (place < histogram.bounds.count ? value(histogram.bounds[place], unit) : "+Inf", count)
    }
  }
}
