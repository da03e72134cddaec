import Storage
import Testing

@Suite("Numbers of one length")
struct PaddedDigitsTests {
  @Test("have zeros before them, and sort as texts as they do as numbers")
  func digits() {
    #expect(UInt64(171).sixteenDigits == "00000000000000ab")
    #expect(UInt64.max.sixteenDigits == "ffffffffffffffff")
    #expect(UInt64(90).twentyDigits == "00000000000000000090")
    #expect(UInt64.max.twentyDigits == "18446744073709551615")
    #expect(UInt64(9).twentyDigits < UInt64(10).twentyDigits)
  }
}
