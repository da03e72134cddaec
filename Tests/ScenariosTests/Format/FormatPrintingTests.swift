import Testing

@testable import Scenarios

@Suite struct FormatPrintingTests {
  @Test func everyFieldIsPrintedInTheOrderOfTheSchema() {
    var value = Sample(name: "x", about: "Two: lines\nand \"quotes\"")
    value.faults = [SampleFault(at: 90_000_000_000, action: .crash(SampleCrash(host: "agent-1")))]
    value.store = .remote(SampleRemote(latency: 1_000_000...1_500_000))
    #expect(
      Sample.schema.print(value)
        == """
        name: x
        about: "Two: lines\\nand \\"quotes\\""
        seed: none
        agents:
          count: 3
          leaseTerm: 10s
          clockOffset: 0s
          segmentBytes: 8MiB
          compression: none
          readAhead: true
        store:
          kind: remote
          latency: 1ms..1500us
        topics:
          orders:
            partitions: 1
        producers: []
        zones:
          - a
          - b
        retries: none
        faults:
          - at: 90s
            every: none
            kind: crash
            host: agent-1
            restartAfter: 1s

        """.replacingFirst("compression: none", with: "compression: lz4"))
  }

  @Test func onlyChangesArePrintedOnRequest() {
    var value = Sample(name: "x")
    #expect(Sample.schema.print(value, fields: .changed) == "name: x\n")
    value.agents.leaseTerm = 1
    value.store = .remote(SampleRemote())
    #expect(
      Sample.schema.print(value, fields: .changed)
        == "name: x\nagents:\n  leaseTerm: 1ns\nstore:\n  kind: remote\n  latency: 1ms..5ms\n")
  }

  @Test(arguments: [
    "", " ", "none", "true", "10s", "a: b", "a #b", "- a", "*a", "&a", "é", "e\u{301}", "\u{85}\u{2028}\u{FEFF}",
    "a\tb\r\n",
    "\u{0}\u{7}", "\\", "'", "\"", "null", "~", "a ", "😀", "[", "%", "@",
  ])
  func textsPrintSoThatTheyReadAsThemselves(text: String) throws {
    var value = Sample(name: "x", about: text)
    value.retries = SampleRetries(note: text)
    let read = try sample(Sample.schema.print(value))
    #expect(Array(read.about.unicodeScalars) == Array(text.unicodeScalars))
    #expect(read == value)
  }

  @Test(arguments: 0..<300)
  func aRandomValuePrintsAndReadsAsItself(seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    let value = Sample.random(&random)
    for fields in [PrintedFields.all, .changed] {
      let text = Sample.schema.print(value, fields: fields)
      let read = try sample(text)
      #expect(read == value, "seed \(seed)")
      #expect(Sample.schema.print(read, fields: fields) == text, "seed \(seed)")
    }
  }
}

extension String {
  fileprivate func replacingFirst(_ old: String, with new: String) -> String {
    guard let range = firstRange(of: old) else { return self }
    return replacingCharacters(range, new)
  }

  private func replacingCharacters(_ range: Range<Index>, _ new: String) -> String {
    var copy = self
    copy.replaceSubrange(range, with: new)
    return copy
  }
}
