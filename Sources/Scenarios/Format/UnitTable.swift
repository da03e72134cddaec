/// The units that one kind of quantity is written in.
struct UnitTable: Sendable {
  /// What is measured: "duration".
  let quantity: String
  /// What one step of the stored integer is, in words: "nanosecond".
  let step: String
  /// A right value, for remedies.
  let example: String
  /// From the smallest to the largest, in steps.
  let units: [(name: String, factor: Int128)]

  static let duration = UnitTable(
    quantity: "duration", step: "nanosecond", example: "10s",
    units: [
      ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
      ("h", 3_600_000_000_000),
    ])

  static let bytes = UnitTable(
    quantity: "byte count", step: "byte", example: "64KiB",
    units: [
      ("B", 1), ("kB", 1_000), ("KiB", 1 << 10), ("MB", 1_000_000), ("MiB", 1 << 20), ("GB", 1_000_000_000),
      ("GiB", 1 << 30), ("TB", 1_000_000_000_000), ("TiB", 1 << 40),
    ])

  static let probability = UnitTable(
    quantity: "probability", step: "millionth", example: "5%", units: [("%", 10_000)])

  func factor(of unit: String) -> Int128? { units.first { $0.name == unit }?.factor }

  /// The number of steps that a text says, exactly.
  func parse(_ text: String) throws(Misfit) -> Int128 {
    let decimal = try ExactDecimal.parse(text, example: example, whole: quantity)
    guard !decimal.unit.isEmpty else {
      throw Misfit("\(shown(text)) has no unit", "write \(article(quantity)) like \(example)")
    }
    guard let factor = factor(of: decimal.unit) else {
      throw Misfit(
        "\(shown(decimal.unit)) is not a unit of \(article(quantity))",
        NearestName.suggestion(for: decimal.unit, among: units.map(\.name)))
    }
    guard let steps = decimal.times(factor) else {
      throw Misfit("\(shown(text)) is not a whole number of \(step)s", "a \(step) is the finest step")
    }
    return steps
  }

  /// The value in the largest unit that says it exactly; a fraction only when there is no smaller unit.
  func print(_ steps: Int128) -> String {
    guard steps != 0 else { return "0\(zeroUnit)" }
    for unit in units.reversed() where steps % unit.factor == 0 {
      return "\(steps / unit.factor)\(unit.name)"
    }
    guard let unit = units.first else { return String(steps) }
    return fraction(steps, of: unit.factor) + unit.name
  }

  private var zeroUnit: String { quantity == "duration" ? "s" : units.first?.name ?? "" }

  /// Writes steps ÷ factor for a factor that is a power of ten.
  private func fraction(_ steps: Int128, of factor: Int128) -> String {
    var digits = ""
    var rest = steps.magnitude % factor.magnitude
    while rest != 0 {
      rest *= 10
      digits += String(rest / factor.magnitude)
      rest %= factor.magnitude
    }
    return "\(steps < 0 ? "-" : "")\(steps.magnitude / factor.magnitude).\(digits)"
  }
}
