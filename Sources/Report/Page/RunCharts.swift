import Nodes
import Scenarios
import Simulation

/// A run's charts: throughput, latency, and who led what.
struct RunCharts {
  private let result: RunResult
  /// What every chart shows behind its data.
  let backdrop: ChartBackdrop
  /// How many seconds of virtual time a point stands for.
  let secondsPerPoint: Int

  /// Most points of a line.
  static let pointLimit = 240
  /// Most lanes.
  static let laneLimit = 48
  /// Most stretches that are shaded one by one.
  static let shadeLimit = 1_000

  /// Charts of a run.
  init(_ result: RunResult) {
    self.result = result
    backdrop = Self.backdrop(result)
    secondsPerPoint =
      [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].first { result.series.count <= $0 * Self.pointLimit } ?? 1_800
  }

  private static func backdrop(_ result: RunResult) -> ChartBackdrop {
    let shades = result.faultWindows.prefix(shadeLimit).map { window in
      let end = window.end ?? result.healedAt ?? VirtualTime(nanoseconds: Int64(result.virtualSeconds * 1_000_000_000))
      return ChartBackdrop.Shade(
        begin: window.begin.seconds, end: max(end, window.begin).seconds, label: FaultWords.short(window.fault),
        title: FaultWords.full(window))
    }
    let marks = result.healedAt.map { [ChartBackdrop.Mark(at: $0.seconds, label: "faults stop")] } ?? []
    return ChartBackdrop(shades: Array(shades), marks: marks)
  }

  private var seconds: Double { max(result.virtualSeconds, Double(result.series.count)) }

  // MARK: Lines

  /// Acknowledged and delivered records a second.
  var throughput: LineChart {
    LineChart(
      title: "Throughput over virtual time", heading: "records a second",
      series: [
        LineChart.Series(name: "acknowledged", colour: 0, points: averages { $0.acknowledged }),
        LineChart.Series(name: "delivered", colour: 1, isDashed: true, points: averages { $0.delivered }),
      ], seconds: seconds, backdrop: backdrop, shown: { Numerals.fixed($0, 0) })
  }

  /// Produce latencies.
  var latency: LineChart {
    LineChart(
      title: "Produce latency over virtual time", heading: "milliseconds from append to acknowledgement",
      series: [
        LineChart.Series(name: "p50", colour: 0, points: worst { $0.produceP50 }),
        LineChart.Series(name: "p99", colour: 1, points: worst { $0.produceP99 }),
      ], seconds: seconds, backdrop: backdrop, heights: .automatic, shown: Self.milliseconds)
  }

  private static let milliseconds: @Sendable (Double) -> String = { value in
    Numerals.fixed(value, value >= 10 || value == value.rounded() ? 0 : value >= 1 ? 1 : 2)
  }

  private var stretches: [(middle: Double, figures: ArraySlice<SecondFigures>)] {
    stride(from: 0, to: result.series.count, by: secondsPerPoint).map { begin in
      let end = min(begin + secondsPerPoint, result.series.count)
      return (Double(begin) + Double(secondsPerPoint) / 2, result.series[begin..<end])
    }
  }

  private func averages(_ figure: (SecondFigures) -> Int) -> [(seconds: Double, value: Double?)] {
    stretches.map { ($0.middle, Double($0.figures.reduce(0) { $0 + figure($1) }) / Double($0.figures.count)) }
  }

  /// The highest of each stretch; nothing where no batch was acknowledged.
  private func worst(_ figure: (SecondFigures) -> Double) -> [(seconds: Double, value: Double?)] {
    stretches.map { ($0.middle, $0.figures.map(figure).filter { $0 > 0 }.max()) }
  }

  // MARK: Lanes

  /// The agents that ever led, in the order of their names: each one's place is its colour.
  var leaders: [String] { Set(result.leaderships.map(\.agent)).sorted(by: NaturalOrder.precedes) }

  /// How many partitions there are lanes for, were there no limit.
  var partitionCount: Int { Set(result.leaderships.map(\.partition)).count }

  /// Who led which partition when.
  var leadership: LaneChart {
    let partitions = Set(result.leaderships.map(\.partition)).sorted(by: NaturalOrder.precedes).prefix(Self.laneLimit)
    let byPartition = Dictionary(grouping: result.leaderships, by: \.partition)
    let places = leaders.enumerated().map { ($0.element, $0.offset) }
    let colours = Dictionary(places, uniquingKeysWith: { first, _ in first })
    let lanes = partitions.map { partition in
      let bars = (byPartition[partition] ?? []).map { bar($0, colour: colours[$0.agent] ?? 0) }
      return LaneChart.Lane(label: partition, bars: bars)
    }
    return LaneChart(
      title: "Leaders of partitions over virtual time",
      description:
        "A lane for each partition; a bar tells which agent led it under which epoch, a gap that nobody did.",
      lanes: Array(lanes), seconds: seconds, backdrop: backdrop)
  }

  private func bar(_ leadership: Leadership, colour: Int) -> LaneChart.Bar {
    let end = leadership.end.map { "\($0)" } ?? "the end"
    return LaneChart.Bar(
      begin: leadership.begin.seconds, end: leadership.end?.seconds ?? result.virtualSeconds, colour: colour,
      labels: ["\(leadership.agent), epoch \(leadership.epoch)", "epoch \(leadership.epoch)", "\(leadership.epoch)"],
      title:
        "\(leadership.partition): \(leadership.agent) leads in epoch \(leadership.epoch), from \(leadership.begin) to \(end)"
    )
  }
}

/// The order in which people put names that end in numbers: `orders/2` before `orders/10`.
enum NaturalOrder {
  /// Whether one name comes before another.
  static func precedes(_ left: String, _ right: String) -> Bool {
    let (one, other) = (NumberedText(left), NumberedText(right))
    for index in 0..<min(one.words.count, other.words.count) {
      if one.words[index] != other.words[index] {
        return one.words[index].utf8.lexicographicallyPrecedes(other.words[index].utf8)
      }
      guard index < one.numbers.count, index < other.numbers.count else { break }
      let (first, second) = (Double(one.numbers[index]) ?? 0, Double(other.numbers[index]) ?? 0)
      if first != second { return first < second }
    }
    return left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}
