import Nodes
import Scenarios
import Simulation

/// A run's figures as aligned lines.
struct FigureLines {
  private let result: RunResult
  private let style: TextStyle

  /// Figures of a run.
  init(_ result: RunResult, _ style: TextStyle) {
    self.result = result
    self.style = style
  }

  /// The lines.
  var lines: [String] { records + [""] + objectStore + [""] + effort }

  private var records: [String] {
    let figures = Figures(result)
    var table = TextTable()
    table.add("Records", "sent", "acknowledged", "delivered")
    table.add(
      "  in all", Numerals.grouped(result.records.sent), Numerals.grouped(result.records.acknowledged),
      Numerals.grouped(result.records.delivered))
    table.add("  a virtual second", "", figures.produced, figures.consumed)
    table.add("Latency", "p50", "p99", "max")
    add(result.produceLatency, named: "  produce", to: &table)
    add(result.endToEndLatency, named: "  end to end", to: &table)
    let availability = result.availability
    table.add("Longest", "without a leader", "produce stall", "failed sends")
    table.add(
      "  in all", Self.time(availability.longestLeaderless), Self.time(availability.longestStall),
      Numerals.grouped(availability.failedSends))
    let clients = result.clients
    table.add("Clients", "twice or out of order", "lag of a poll", "lost at risk")
    table.add(
      "  in all",
      Numerals.grouped(clients.order.duplicates + clients.order.misplaced + clients.order.misplacedInBatch),
      Self.time(clients.realtimeLag),
      "\(Numerals.grouped(clients.atRisk.lost)) of \(Numerals.grouped(clients.atRisk.records))")
    return table.lines().map { $0.first == " " ? $0 : style.paint($0, .title) }
  }

  private static func time(_ duration: VirtualDuration) -> String {
    Numerals.latency(milliseconds: Double(duration.nanoseconds) / 1_000_000)
  }

  private func add(_ latency: LatencyFigures, named name: String, to table: inout TextTable) {
    table.add(
      name, Numerals.latency(milliseconds: latency.p50), Numerals.latency(milliseconds: latency.p99),
      Numerals.latency(milliseconds: latency.max))
  }

  private var objectStore: [String] {
    let usage = result.objectStore
    var table = TextTable()
    table.add("Object store", "put", "get", "list", "delete", "refused", "price")
    table.add(
      "  requests", Numerals.grouped(usage.put), Numerals.grouped(usage.get), Numerals.grouped(usage.list),
      Numerals.grouped(usage.delete), Numerals.grouped(usage.throttled), Figures(result).price)
    table.add("  bytes", Numerals.bytes(usage.bytesIn), Numerals.bytes(usage.bytesOut))
    return style.headed(table.lines())
  }

  private var effort: [String] {
    let figures = Figures(result)
    return [
      style.paint("Cache", .title) + "     " + figures.cache,
      style.paint("Network", .title) + "   " + figures.connections,
      style.paint("Batches", .title) + "   " + figures.compression,
      style.paint("Run", .title) + "       " + figures.size,
      "          " + figures.duration,
    ]
  }
}
