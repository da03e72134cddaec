/// Numbers as texts of one length, so that texts sort as the numbers do.
extension UInt64 {
  /// The number as 20 decimal digits.
  public var twentyDigits: String { String(unsafeUninitializedCapacity: 20) { writeDigits(radix: 10, into: $0, 20) } }

  /// The number as 16 hexadecimal digits.
  public var sixteenDigits: String {
    String(unsafeUninitializedCapacity: 16) { writeDigits(radix: 16, into: $0, 16) }
  }

  /// Writes the last `count` digits of the number; returns how many that were.
  private func writeDigits(radix: UInt64, into buffer: UnsafeMutableBufferPointer<UInt8>, _ count: Int) -> Int {
    var rest = self
    for place in (0..<count).reversed() {
      let digit = UInt8(truncatingIfNeeded: rest % radix)
      buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
      rest /= radix
    }
    return count
  }
}
