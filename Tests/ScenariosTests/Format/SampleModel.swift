@testable import Scenarios

/// A small scenario that uses every feature of the format layer.
struct Sample: Sendable, Equatable {
  var name = "sample"
  var about = ""
  var seed: UInt64?
  var agents = SampleAgents()
  var store: SampleStore = .memory
  var topics: [SampleTopic] = [SampleTopic(name: "orders")]
  var producers: [SampleProducers] = []
  var zones: [String] = ["a", "b"]
  var retries: SampleRetries?
  var faults: [SampleFault] = []
}

struct SampleAgents: Sendable, Equatable {
  var count: Int = 3
  var leaseTerm: UInt64 = 10_000_000_000
  var clockOffset: Int64 = 0
  var segmentBytes: UInt64 = 8 << 20
  var compression: SampleCompression = .lz4
  var readAhead = true
}

enum SampleCompression: String, CaseIterable, Sendable { case none, lz4 }

struct SampleTopic: Sendable, Equatable {
  var name = ""
  var partitions: UInt32 = 1
}

struct SampleProducers: Sendable, Equatable {
  var name = "writers"
  var count: UInt32 = 1
  var rate = Rate.perSecond(500)
}

struct SampleRetries: Sendable, Equatable {
  var attempts: UInt8 = 5
  var compression: SampleCompression?
  var note: String?
}

enum SampleStore: Sendable, Equatable {
  case memory
  case remote(SampleRemote)
}

struct SampleRemote: Sendable, Equatable {
  var latency: ClosedRange<UInt64> = 1_000_000...5_000_000
}

struct SampleFault: Sendable, Equatable {
  var at: UInt64?
  var every: ClosedRange<UInt64>?
  var action: SampleAction = .crash(SampleCrash())
}

enum SampleAction: Sendable, Equatable {
  case crash(SampleCrash)
  case loss(SampleLoss)
}

struct SampleCrash: Sendable, Equatable {
  var host = ""
  var restartAfter: ClosedRange<UInt64> = 1_000_000_000...1_000_000_000
}

struct SampleLoss: Sendable, Equatable {
  var probability: UInt32 = 50_000
}

extension Sample {
  static let hour: UInt64 = 3_600_000_000_000

  static let schema = Schema<Sample>("scenario", "A whole scenario.", defaults: Sample.init) {
    Field("name", \.name, .name, "What the scenario is called.", isRequired: true)
    Field("about", \.about, .text(of: 0...400), "What it is for.")
    Field("seed", \.seed, .optional(.count(in: 0...(1 << 53))), "The seed, drawn when absent.")
    Field("agents", \.agents, .section(agents), "The agents.")
    Field("store", \.store, .union(store, name: "store"), "The object store.")
    Field("topics", \.topics, .named(topic, name: \.name, count: 0...50), "The topics.")
    Field("producers", \.producers, .list(of: .section(producers), count: 0...50), "The producers.")
    Field("zones", \.zones, .list(of: .name, count: 0...10), "The zones.")
    Field("retries", \.retries, .optional(.section(retries)), "Whether and how to retry.")
    Field("faults", \.faults, .list(of: .section(fault), count: 0...1_000), "What goes wrong.")
  } validate: { sample, locator in
    for (index, fault) in sample.faults.enumerated() {
      guard case .crash(let crash) = fault.action, !crash.host.hasPrefix("agent-") else { continue }
      locator.report(at: "faults[\(index)].host", "there is no host `\(crash.host)`", remedy: "hosts are agent-…")
    }
  }

  static let agents = Schema<SampleAgents>("agents", "The agents.", defaults: SampleAgents.init) {
    Field("count", \.count, .count(in: 1...1_000), "How many there are.")
    Field("leaseTerm", \.leaseTerm, .duration(in: 1_000_000...hour), "How long a lease lasts.")
    Field("clockOffset", \.clockOffset, .duration(in: -60_000_000_000...60_000_000_000), "How wrong clocks are.")
    Field("segmentBytes", \.segmentBytes, .bytes(in: 100...(1 << 40)), "When a segment is full.")
    Field("compression", \.compression, .choice, "How blocks are compressed.")
    Field("readAhead", \.readAhead, .boolean, "Whether to read ahead.")
  }

  static let store = Union<SampleStore>("kind", "Which store is used.") {
    Union.Case("memory", "A store that never fails.", SampleStore.memory) { $0 == .memory }
    Union.Case("remote", remote, embed: SampleStore.remote) { if case .remote(let remote) = $0 { remote } else { nil } }
  }

  static let remote = Schema<SampleRemote>("remote", "A store far away.", defaults: SampleRemote.init) {
    Field("latency", \.latency, .range(of: .duration(in: 0...hour)), "How long a request takes.")
  }

  static let topic = Schema<SampleTopic>("topic", "A topic.", defaults: { SampleTopic() }) {
    Field("partitions", \.partitions, .count(in: 1...1_000), "How many partitions it has.")
  }

  static let producers = Schema<SampleProducers>("producers", "Some producers.", defaults: { SampleProducers() }) {
    Field("name", \.name, .name, "What they are called.")
    Field("count", \.count, .count(in: 1...10_000), "How many there are.")
    Field("rate", \.rate, .rate(in: Rate(1, perNanoseconds: hour)...Rate.perSecond(1_000_000)), "What each sends.")
  }

  static let retries = Schema<SampleRetries>("retries", "How to retry.", defaults: { SampleRetries() }) {
    Field("attempts", \.attempts, .count(in: 1...100), "How often.")
    Field("compression", \.compression, .optional(.choice), "An optional word whose cases include `none`.")
    Field("note", \.note, .optional(.text()), "An optional text.")
  }

  static let fault = Schema<SampleFault>("fault", "One fault.", defaults: { SampleFault() }) {
    Field("at", \.at, .optional(.duration(in: 0...hour)), "When it happens, once.")
    Field("every", \.every, .optional(.range(of: .duration(in: 1...hour))), "How often it happens.")
    Field.variant(\.action, action)
  } validate: { fault, locator in
    guard (fault.at == nil) != (fault.every == nil) else {
      throw locator.error(
        at: fault.at == nil ? "" : "every", "a fault has either `at` or `every`", remedy: "give one of them")
    }
  }

  static let action = Union<SampleAction>("kind", "What happens.") {
    Union.Case("crash", crash, embed: SampleAction.crash) { if case .crash(let crash) = $0 { crash } else { nil } }
    Union.Case("loss", loss, embed: SampleAction.loss) { if case .loss(let loss) = $0 { loss } else { nil } }
  }

  static let crash = Schema<SampleCrash>("crash", "A host dies.", defaults: SampleCrash.init) {
    Field("host", \.host, .name, "Which host.", isRequired: true)
    Field("restartAfter", \.restartAfter, .range(of: .duration(in: 0...hour)), "How long it stays down.")
  }

  static let loss = Schema<SampleLoss>("loss", "Messages are lost.", defaults: SampleLoss.init) {
    Field("probability", \.probability, .probability(), "How likely a message is lost.")
  }
}

/// The errors of a text that must not decode.
func errors(_ text: String, _ overrides: String...) -> [ScenarioError] {
  do {
    _ = try Sample.schema.decode(text, file: "s.yaml", overrides: overrides.map { Override($0) })
    return []
  } catch {
    return error.errors
  }
}

/// The value of a text that must decode.
func sample(_ text: String, _ overrides: String...) throws -> Sample {
  try Sample.schema.decode(text, file: "s.yaml", overrides: overrides.map { Override($0) }).value
}
