import Glibc

@testable import Scenarios

/// A small generator of its own, so that a seed means the same everywhere.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }

  mutating func flip() -> Bool { next() & 1 == 1 }

  /// A duration that is round as often as not.
  mutating func duration(_ least: UInt64 = 1_000_000) -> UInt64 {
    let unit = [1, 1_000, 1_000_000, 1_000_000_000, 60_000_000_000][Int(below(5))] as UInt64
    return min(max(least, below(60) * unit), Sample.hour)
  }

  mutating func range() -> ClosedRange<UInt64> {
    let (first, second) = (duration(), duration())
    return min(first, second)...max(first, second)
  }

  mutating func text(upTo length: UInt64) -> String {
    var view = String.UnicodeScalarView()
    for _ in 0..<below(length + 1) {
      let value = flip() ? UInt32(below(0x7F)) : UInt32(below(0x11_0000))
      if let scalar = Unicode.Scalar(value) { view.append(scalar) }
    }
    return String(view)
  }

  mutating func list<Item>(upTo count: UInt64, _ make: (inout SplitMix64, Int) -> Item) -> [Item] {
    (0..<Int(below(count + 1))).map { make(&self, $0) }
  }
}

extension Sample {
  static func random(_ random: inout SplitMix64) -> Sample {
    var value = Sample(name: "run-\(random.below(1_000))", about: random.text(upTo: 30))
    value.seed = random.flip() ? random.below(1 << 53) : nil
    value.agents = SampleAgents(
      count: Int(random.below(1_000)) + 1, leaseTerm: random.duration(),
      clockOffset: Int64(random.below(1_000_000)) * (random.flip() ? 60_000 : -1),
      segmentBytes: 100 + random.below(1 << UInt64(random.below(39))), compression: random.flip() ? .none : .lz4,
      readAhead: random.flip())
    value.store = random.flip() ? .memory : .remote(SampleRemote(latency: random.range()))
    value.topics = random.list(upTo: 4) { SampleTopic(name: "t\($1)", partitions: UInt32($0.below(1_000)) + 1) }
    value.producers = random.list(upTo: 3) { random, _ in
      let rate = Rate(random.below(1_000) + 1, perNanoseconds: random.duration(1_000))
      let most = Rate.perSecond(1_000_000)
      return SampleProducers(name: "p", count: UInt32(random.below(10_000)) + 1, rate: min(rate, most))
    }
    value.zones = random.list(upTo: 3) { "zone_\($1).\($0.below(9))" }
    if random.flip() {
      value.retries = SampleRetries(
        attempts: UInt8(random.below(100)) + 1, compression: random.flip() ? nil : SampleCrashWords.pick(&random),
        note: random.flip() ? nil : random.text(upTo: 6))
    }
    value.faults = random.list(upTo: 5) { random, _ in Self.fault(&random) }
    return value
  }

  private enum SampleCrashWords {
    static func pick(_ random: inout SplitMix64) -> SampleCompression { random.flip() ? .none : .lz4 }
  }

  private static func fault(_ random: inout SplitMix64) -> SampleFault {
    var fault = SampleFault()
    if random.flip() { fault.at = random.duration() } else { fault.every = random.range() }
    fault.action =
      random.flip()
      ? .crash(SampleCrash(host: "agent-\(random.below(9))", restartAfter: random.range()))
      : .loss(SampleLoss(probability: UInt32(random.below(1_000_001))))
    return fault
  }
}

/// Pages of memory that the process has resident, zero where the system does not tell.
func residentPages() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var buffer = [CChar](repeating: 0, count: 256)
  guard fgets(&buffer, 255, file) != nil else { return 0 }
  let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  let fields = text.split(separator: " ")
  return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
}
