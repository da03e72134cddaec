import OrderedCollections
import Simulation

/// What was counted of one process, from its start on.
final class ProcessMetrics {
  private struct Series: Hashable {
    let index: Int
    let labels: [String]
  }

  let incarnation: Int
  /// By a metric's place in the catalogue: those without labels are always there, so that 0 is told, too.
  private var counters = [Int64](repeating: 0, count: MetricCatalogue.all.count)
  private var labelled: OrderedDictionary<Series, Int64> = [:]
  private var histograms: OrderedDictionary<Series, MetricHistogram> = [:]
  /// How many requests are being served, by the code of their kind.
  private(set) var inFlight = [Int64](repeating: 0, count: 128)

  init(incarnation: Int) { self.incarnation = incarnation }

  func add(_ amount: Int64 = 1, to metric: some MetricName) { counters[metric.index] += amount }

  func add(_ amount: Int64 = 1, to metric: some MetricName, _ labels: [String]) {
    labelled[Series(index: metric.index, labels: labels), default: 0] += amount
  }

  func record(_ value: Int64, times: Int = 1, in metric: some MetricName, _ labels: [String] = []) {
    let series = Series(index: metric.index, labels: labels)
    histograms[series, default: MetricHistogram(MetricCatalogue.all[metric.index].bounds)]
      .record(value, times: times)
  }

  func addAt(_ index: Int) { counters[index] += 1 }

  func began(_ kind: MessageKind) { inFlight[Int(kind.code)] += 1 }

  func ended(_ kind: MessageKind) { inFlight[Int(kind.code)] -= 1 }

  /// Copies what belongs to a role into a sample; state that nodes hold themselves is not here.
  func read(_ role: MetricRole, into sample: MetricSample) {
    let places = MetricCatalogue.places(of: role)
    for index in places where RecordedMetrics.isRecordedCounter[index] { sample.add(index, [], counters[index]) }
    for (series, value) in labelled where places.contains(series.index) {
      sample.add(series.index, series.labels, value)
    }
    for (series, histogram) in histograms where places.contains(series.index) {
      sample.add(series.index, series.labels, histogram)
    }
  }
}
