import Testing

@testable import Scenarios

/// What a hostile file may cost.
@Suite struct FormatHostileInputTests {
  private static let bound = Duration.seconds(20)
  private static let indicators = Array("[]{}:,-&*!|>'\"%@`#\n\t .5s".utf8)

  private static func laughs(asKeys: Bool) -> String {
    var lines = ["a0: &a0 [x, x]"]
    for level in 1...25 {
      let alias = "*a\(level - 1)"
      lines.append(asKeys ? "? &a\(level) [\(alias), \(alias)]\n: y" : "a\(level): &a\(level) [\(alias), \(alias)]")
    }
    return lines.joined(separator: "\n")
  }

  @Test(arguments: [true, false])
  func aBillionLaughsAreRefusedBeforeTheyAreMultiplied(asKeys: Bool) {
    var found: [ScenarioError] = []
    let before = residentPages()
    let elapsed = processorTime { found = errors(Self.laughs(asKeys: asKeys)) }
    #expect(found.first?.message == "anchors and aliases (`&name`, `*name`) are not understood")
    #expect(elapsed < .seconds(2))
    // A multiplied tree of 2^25 nodes would take gigabytes; the other tests of the process are allowed for.
    #expect(residentPages() - before < 131_072)
  }

  @Test(arguments: [
    "[", "{", "- ", "? ", "a: ", "\"", "a\n", "[],", "{},", "a: b\n", "? a\n", "!", "&a ", "%", "\t", "|\n",
  ])
  func aMebibyteOfAnythingIsAnsweredInBoundedTime(unit: String) {
    let text = String(repeating: unit, count: ((1 << 20) - 8) / unit.utf8.count)
    let elapsed = processorTime { #expect(!errors(text).isEmpty) }
    #expect(elapsed < Self.bound)
  }

  @Test func aMebibyteInsideManyKeysIsRefusedBeforeItIsHashed() {
    let text = String(repeating: "? ", count: 900) + "[" + String(repeating: "x,", count: 500_000) + "]"
    var found: [ScenarioError] = []
    let elapsed = processorTime { found = errors(text) }
    #expect(found.map(\.headline).first?.hasPrefix("s.yaml:1:1: there are too many `?`") == true)
    #expect(elapsed < Self.bound)
  }

  @Test func questionsInProseAreNoKeys() throws {
    let about = String(repeating: "why? or not? ", count: 20)
    #expect(try sample("name: x\nabout: \(about)\n").about.hasPrefix("why? or"))
  }

  @Test func randomDamageNeverTraps() throws {
    var random = SplitMix64(state: 7)
    let seedText = Array(Sample.schema.print(Sample.random(&random)).utf8)
    for _ in 0..<2_000 {
      var bytes = seedText
      for _ in 0...random.below(4) {
        let position = Int(random.below(UInt64(bytes.count)))
        switch random.below(3) {
        case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: position)
        default: bytes.insert(Self.indicators[Int(random.below(UInt64(Self.indicators.count)))], at: position)
        }
      }
      _ = try? Sample.schema.decode(bytes, file: "s.yaml")
      _ = try? Sample.schema.decode(
        "name: x", file: "s.yaml", overrides: [Override(String(decoding: bytes.prefix(30), as: UTF8.self))])
    }
  }
}
