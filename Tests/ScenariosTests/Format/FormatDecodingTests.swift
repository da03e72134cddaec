import Testing

@testable import Scenarios

@Suite struct FormatDecodingTests {
  @Test func aFileOverridesOnlyWhatItGives() throws {
    let decoded = try sample(
      """
      name: outage
      agents:
        leaseTerm: 1.5s
        clockOffset: -5ms
        segmentBytes: 64KiB
        compression: none
      faults:
        - kind: crash
          at: 2m
          host: agent-1
        - {kind: loss, every: 1s..10s, probability: 0.5%}
      """)
    var expected = Sample(name: "outage")
    expected.agents.leaseTerm = 1_500_000_000
    expected.agents.clockOffset = -5_000_000
    expected.agents.segmentBytes = 65_536
    expected.agents.compression = .none
    expected.faults = [
      SampleFault(at: 120_000_000_000, action: .crash(SampleCrash(host: "agent-1"))),
      SampleFault(every: 1_000_000_000...10_000_000_000, action: .loss(SampleLoss(probability: 5_000))),
    ]
    #expect(decoded == expected)
  }

  @Test func namedSectionsKeepTheOrderOfTheFile() throws {
    let decoded = try sample("name: x\ntopics:\n  zebra: {partitions: 2}\n  ant: {}\n")
    #expect(decoded.topics == [SampleTopic(name: "zebra", partitions: 2), SampleTopic(name: "ant", partitions: 1)])
  }

  @Test func valuesAreReadFromTheirTextNotFromYAMLTypes() throws {
    #expect(errors("name: x\nagents: {count: 1:30}").first?.message == "`1:30` is not a whole number")
    #expect(errors("name: x\nagents: {readAhead: no}").first?.remedy == "write true or false")
    #expect(try sample("name: x\nagents: {count: 010}").agents.count == 10)
    #expect(try sample("name: 007").name == "007")
    #expect(try sample("name: no").name == "no")
  }

  @Test(arguments: [
    ("10s", 10_000_000_000), ("1.5s", 1_500_000_000), ("250ms", 250_000_000), ("2000us", 2_000_000),
    ("1_000_000ns", 1_000_000), ("5m", 300_000_000_000), ("1h", 3_600_000_000_000), ("0.25h", 900_000_000_000),
  ])
  func durationsAreExact(text: String, nanoseconds: UInt64) throws {
    #expect(try sample("name: x\nagents: {leaseTerm: \(text)}").agents.leaseTerm == nanoseconds)
  }

  @Test(arguments: [
    ("10", "`10` has no unit; write a duration like 10s"),
    ("10sec", "`sec` is not a unit of a duration; known: `ns`, `us`, `ms`, `s`, `m`, `h`"),
    ("10MS", "`MS` is not a unit of a duration; did you mean `ms`?"),
    ("1.0000000001s", "`1.0000000001s` is not a whole number of nanoseconds; a nanosecond is the finest step"),
    ("2h", "`2h` is out of limits; write 1ms to 1h"),
    ("-1s", "`-1s` is out of limits; write 1ms to 1h"),
    ("9999999999999999999999h", "`9999999999999999999999h` is out of limits; write 1ms to 1h"),
    ("99999999999999999999999999s", "`99999999999999999999999999s` has more than 24 digits; write a shorter number"),
    ("soon", "`soon` is not a duration; write something like 10s"),
    ("1..2s", "`1..2s` is not a duration; write something like 10s"),
    ("1__0s", "`1__0s` is not a duration; write something like 10s"),
    (".5s", "`.5s` is not a duration; write something like 10s"),
    ("", "a duration is expected here, not nothing; write something like 10s"),
    ("[1s]", "a duration is expected here, not a list; write something like 10s"),
  ])
  func aBadDurationSaysWhatWouldBeRight(text: String, complaint: String) {
    let found = errors("name: x\nagents:\n  leaseTerm: \(text)\n")
    #expect(found.map(\.headline) == ["s.yaml:3:\(text.isEmpty ? 13 : 14): \(complaint)"])
  }

  @Test(arguments: [
    ("500/s", Rate.perSecond(500)), ("20/m", Rate(20, perNanoseconds: 60_000_000_000)),
    ("0.5/s", Rate(1, perNanoseconds: 2_000_000_000)), ("5/10s", Rate(1, perNanoseconds: 2_000_000_000)),
    ("1_000/s", Rate.perSecond(1_000)), ("1.50/ms", Rate.perSecond(1_500)),
  ])
  func ratesAreExact(text: String, rate: Rate) throws {
    #expect(try sample("name: x\nproducers: [{rate: \(text)}]").producers[0].rate == rate)
  }

  @Test(arguments: ["500", "/s", "5/", "5/0s", "-5/s", "5/s/s", "5/-1s", "5/fortnight", "2000000/s", "0/s"])
  func aBadRateIsRefused(text: String) {
    #expect(errors("name: x\nproducers: [{rate: \(text)}]").count == 1)
  }

  @Test func aRangeOfOneIsWrittenAsOneValue() throws {
    #expect(
      try sample("name: x\nstore: {kind: remote, latency: 5ms}").store == .remote(.init(latency: 5_000_000...5_000_000))
    )
    let found = errors("name: x\nstore: {kind: remote, latency: 5ms..1ms}")
    #expect(found.first?.message == "the range `5ms..1ms` ends before it begins")
    #expect(errors("name: x\nstore: {kind: remote, latency: 5ms..7}").map(\.column) == [37])
  }

  @Test func anAbsentValueIsWrittenNone() throws {
    #expect(try sample("name: x\nretries: {attempts: 7}").retries == SampleRetries(attempts: 7))
    #expect(try sample("name: x\nretries: none").retries == nil)
    #expect(try sample("name: x\nretries: {note: none}").retries?.note == nil)
    #expect(try sample("name: x\nretries: {note: 'none', compression: \"none\"}").retries?.note == "none")
  }
}
