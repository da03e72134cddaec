import Nodes
import Simulation

/// Draws the load of a swarm run: fewer clients that send less, so that a run is over quickly and many seeds have their turn.
///
/// Most seeds send some eleven records a virtual second in all, enough for some 300 events; one in eight sends four times, another sixteen times as much. No seed sends more than the scenario does, and what names single clients keeps them.
struct SwarmLoad {
  private static let stream = RandomStreamName("load.swarm")
  /// The fewest and the most records a second of an ordinary seed, all producers together.
  private static let records: ClosedRange<UInt64> = 9...13
  /// How much more the seeds send that send more.
  private static let heavier: [UInt64] = [1, 1, 1, 1, 1, 1, 4, 16]
  /// The most producers and the most consumers that a group keeps.
  private static let mostProducers: UInt64 = 4
  private static let mostConsumers: UInt64 = 3
  /// Consumers ask no more often than this whether there is something new.
  private static let shortestFetchWait = VirtualDuration.milliseconds(250)

  private var generator: RandomGenerator

  init(seed: UInt64) { generator = Randomness(seed: seed).generator(Self.stream, key: 0) }

  /// Gives a scenario the load that this seed draws.
  mutating func lighten(_ scenario: inout Scenario) {
    let named = Self.namedHosts(scenario)
    let heavier = Self.heavier[Int(generator.below(UInt64(Self.heavier.count)))]
    let span = Self.records.upperBound - Self.records.lowerBound + 1
    let records = (Self.records.lowerBound + generator.below(span)) * heavier
    lightenProducers(&scenario, to: records, heavier: heavier, keepsCounts: named.contains("producer-"))
    for index in scenario.consumers.indices {
      let group = scenario.consumers[index]
      let count = 1 + Int(generator.below(min(Self.mostConsumers, UInt64(max(group.count, 1)))))
      let wait = generator.duration(in: Self.shortestFetchWait...(Self.shortestFetchWait * 2))
      if !named.contains("consumer-") { scenario.consumers[index].count = min(count, group.count) }
      scenario.consumers[index].client.fetchWait = max(group.client.fetchWait, wait)
    }
  }

  private mutating func lightenProducers(
    _ scenario: inout Scenario, to records: UInt64, heavier: UInt64, keepsCounts: Bool
  ) {
    let whole = scenario.producers.reduce(UInt64(0)) { $0.addingReportingOverflow(Self.milliRecords($1)).partialValue }
    for index in scenario.producers.indices {
      let group = scenario.producers[index]
      // Who send more are more.
      let drawn = (1 + Int(generator.below(Self.mostProducers))) * Int(heavier)
      let count = keepsCounts ? group.count : min(drawn, group.count)
      scenario.producers[index].count = count
      guard whole > records * 1_000, count > 0 else { continue }
      // Each group keeps its part of the whole.
      let share = UInt64(clamping: UInt128(Self.milliRecords(group)) * UInt128(records) * 1_000 / UInt128(whole))
      let each = max(share / UInt64(count), 100)
      let rate = Rate(each, perNanoseconds: 1_000_000_000_000)
      if rate < group.rate { scenario.producers[index].rate = rate }
    }
  }

  /// What a group sends, in thousandths of records a second.
  private static func milliRecords(_ group: ProducerGroup) -> UInt64 {
    let each = UInt128(group.rate.count) * 1_000_000_000_000 / UInt128(max(group.rate.periodNanoseconds, 1))
    return UInt64(clamping: each * UInt128(max(group.count, 0)))
  }

  /// Everything in the scenario that may name a single client, as text.
  private static func namedHosts(_ scenario: Scenario) -> String {
    let faults = scenario.faults.map { FaultPlan.schema.print($0, fields: .changed) }
    return (faults + scenario.quotas.compactMap(\.client) + (scenario.core ?? [])).joined(separator: " ")
  }
}
