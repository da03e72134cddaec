/// Numbers as text: the same on every machine, whatever its language, and never with an exponent.
enum Numerals {
  /// A whole number with a comma between groups of three digits.
  static func grouped(_ value: UInt64) -> String { grouped(String(value)) }

  /// A whole number with a comma between groups of three digits.
  static func grouped(_ value: Int) -> String { (value < 0 ? "-" : "") + grouped(String(value.magnitude)) }

  private static func grouped(_ digits: String) -> String {
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// A number with a fixed number of decimals, rounded half away from zero; what is no number is a dash.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    var unit = 1.0
    for _ in 0..<decimals { unit *= 10 }
    let scaled = (value.magnitude * unit).rounded()
    let sign = value < 0 && scaled > 0 ? "-" : ""
    // Beyond this a double has no decimals left that could be shown.
    guard scaled < 9_007_199_254_740_992 else {
      return sign + grouped(String(plain(value.magnitude).prefix { $0 != "." }))
    }
    let (whole, rest) = UInt64(scaled).quotientAndRemainder(dividingBy: UInt64(unit))
    return sign + grouped(whole) + (decimals > 0 ? "." + padded(rest, to: decimals) : "")
  }

  /// The shortest text that reads back as the same number, written out in full.
  static func plain(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    let parts = "\(value.magnitude)".split(separator: "e")
    let mantissa = parts[0].split(separator: ".")
    var digits = mantissa.joined()
    // How many of the digits stand before the point.
    var point = mantissa[0].count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    if point <= 0 {
      digits = String(repeating: "0", count: 1 - point) + digits
      point = 1
    }
    if point > digits.count { digits += String(repeating: "0", count: point - digits.count) }
    let whole = digits.prefix(point).drop { $0 == "0" }
    var fraction = digits.dropFirst(point)
    while fraction.last == "0" { fraction.removeLast() }
    return (value < 0 ? "-" : "") + (whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : "." + fraction)
  }

  private static func padded(_ value: UInt64, to count: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(count - digits.count, 0)) + digits
  }
}

// MARK: Quantities

extension Numerals {
  /// A latency given in milliseconds, in the unit that suits it.
  static func latency(milliseconds: Double) -> String {
    switch milliseconds {
    case 10_000...: fixed(milliseconds / 1_000, 1) + " s"
    case 1_000...: fixed(milliseconds / 1_000, 2) + " s"
    case 100...: fixed(milliseconds, 0) + " ms"
    case 10...: fixed(milliseconds, 1) + " ms"
    default: fixed(milliseconds, 2) + " ms"
    }
  }

  /// A number of bytes in the largest binary unit of which there is at least one.
  static func bytes(_ count: UInt64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var unit = 0
    while unit + 1 < units.count, count >> (10 * UInt64(unit + 1)) > 0 { unit += 1 }
    if unit == 0 { return "\(count) B" }
    return fixed(Double(count) / Double(UInt64(1) << (10 * UInt64(unit))), 1) + " " + units[unit]
  }

  /// A price; small ones keep six decimals, for a run seldom costs a cent.
  static func dollars(nano: UInt64) -> String {
    "$" + fixed(Double(nano) / 1_000_000_000, nano >= 1_000_000_000 || nano == 0 ? 2 : 6)
  }

  /// Nano-dollars as dollars, exactly, for documents.
  static func exactDollars(nano: UInt64) -> String {
    let (whole, rest) = nano.quotientAndRemainder(dividingBy: 1_000_000_000)
    var fraction = padded(rest, to: 9)
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(whole)" + (fraction.isEmpty ? "" : "." + fraction)
  }

  /// A part of a whole in percent; nil without a whole.
  static func percent(_ part: UInt64, of whole: UInt64) -> String? {
    whole == 0 ? nil : fixed(Double(part) / Double(whole) * 100, 1) + "%"
  }

  /// A noun behind its number: `1 agent`, `3 agents`.
  static func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
    grouped(number) + " " + (number == 1 ? noun : plural ?? noun + "s")
  }
}
