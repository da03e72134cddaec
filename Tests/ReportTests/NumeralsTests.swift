import Testing

@testable import Report

@Suite("Numbers as text")
struct NumeralsTests {
  @Test("A plain number never has an exponent and reads back as itself")
  func plain() {
    let values: [Double] = [
      0, 0.1, 1, 12.5, 1e-7, .leastNonzeroMagnitude, 1.5e21, 123_456_789.125, -2.5e-10, 1e15, 1e16,
      9_007_199_254_740_992,
    ]
    for value in values {
      let text = Numerals.plain(value)
      #expect(!text.contains("e"))
      #expect(Double(text) == value)
    }
    #expect(Numerals.plain(64) == "64")
    #expect(Numerals.plain(1e-7) == "0.0000001")
  }

  @Test("A fixed number is rounded, grouped and never minus zero")
  func fixed() {
    #expect(Numerals.fixed(1_234_567.891, 2) == "1,234,567.89")
    #expect(Numerals.fixed(0.005, 1) == "0.0")
    #expect(Numerals.fixed(-0.01, 1) == "0.0")
    #expect(Numerals.fixed(-1.26, 1) == "-1.3")
    #expect(Numerals.fixed(999.5, 0) == "1,000")
    #expect(Numerals.fixed(.infinity, 0) == "–")
    #expect(Numerals.fixed(1e20, 2) == "100,000,000,000,000,000,000")
  }

  @Test("A quantity is told in the unit that suits it")
  func quantities() {
    #expect(Numerals.bytes(900) == "900 B")
    #expect(Numerals.bytes(1_536) == "1.5 KiB")
    #expect(Numerals.latency(milliseconds: 0.5) == "0.50 ms")
    #expect(Numerals.latency(milliseconds: 21.44) == "21.4 ms")
    #expect(Numerals.latency(milliseconds: 9_520) == "9.52 s")
    #expect(Numerals.dollars(nano: 6_000_000) == "$0.006000")
    #expect(Numerals.exactDollars(nano: 1_000_000_400) == "1.0000004")
    #expect(Numerals.percent(1, of: 0) == nil)
  }
}
