import Nodes
import Scenarios

/// The run's figures.
struct FigureSection {
  private let result: RunResult
  private let texts: Figures

  init(_ result: RunResult) {
    self.result = result
    texts = Figures(result)
  }

  // MARK: Records

  /// What went through, how fast, and what the run took.
  var figures: PageSection {
    PageSection(
      id: "figures", title: "Figures",
      body: [
        tiles, .element("div", ["class": "columns"], records, latencies),
        PageSection.note("Connections: \(texts.connections). Compression: \(texts.compression)."),
        PageSection.note("The run: \(texts.size), \(texts.duration)."),
      ])
  }

  private var tiles: Markup {
    let tiles = [
      (Numerals.grouped(result.records.acknowledged), "records acknowledged"),
      (texts.produced, "acknowledged a second"), (texts.consumed, "delivered a second"),
      (Numerals.latency(milliseconds: result.produceLatency.p50), "produce latency, p50"),
      (Numerals.latency(milliseconds: result.endToEndLatency.p50), "end to end, p50"),
      (texts.price, "the object store"),
    ]
    return .element(
      "div", ["class": "tiles"],
      children: tiles.map { value, label in
        .element("div", ["class": "tile"], .element("b", [:], .text(value)), .element("span", [:], .text(label)))
      })
  }

  private var records: Markup {
    var table = PageTable("Records", .words("Records"), .numbers("in all"), .numbers("a virtual second"))
    table.add("sent", .text(Numerals.grouped(result.records.sent)), "")
    table.add("acknowledged", .text(Numerals.grouped(result.records.acknowledged)), .text(texts.produced))
    table.add("delivered", .text(Numerals.grouped(result.records.delivered)), .text(texts.consumed))
    return table.markup
  }

  private var latencies: Markup {
    var table = PageTable("Latencies", .words("Latency"), .numbers("p50"), .numbers("p99"), .numbers("max"))
    for (name, latency) in [("produce", result.produceLatency), ("end to end", result.endToEndLatency)] {
      let cells = [latency.p50, latency.p99, latency.max].map { Markup.text(Numerals.latency(milliseconds: $0)) }
      table.add(.text(name), cells[0], cells[1], cells[2])
    }
    return table.markup
  }

  // MARK: Object store

  /// What was asked of the object store, and its price.
  var objectStore: PageSection {
    let usage = result.objectStore
    var requests = PageTable(
      "Requests", .words("Requests"), .numbers("number"), .numbers("price"))
    requests.add("put", count(usage.put), price { $0.put = usage.put })
    requests.add("get", count(usage.get), price { $0.get = usage.get })
    requests.add("list", count(usage.list), price { $0.list = usage.list })
    requests.add("delete", count(usage.delete), price { $0.delete = usage.delete })
    requests.add("refused with SlowDown", count(usage.throttled), "")
    requests.add("kept, orphaned parts included", "", .text(Numerals.dollars(nano: usage.storageNanoDollars)))
    requests.add("together", "", .text(texts.price))
    var bytes = PageTable("Bytes and cache", .words("Traffic"), .numbers(""))
    bytes.add("bytes in", .text(Numerals.bytes(usage.bytesIn)))
    bytes.add("bytes out", .text(Numerals.bytes(usage.bytesOut)))
    bytes.add("kept at the end", .text(Numerals.bytes(usage.storedBytes)))
    bytes.add("kept in parts of unfinished uploads", .text(Numerals.bytes(usage.orphanBytes)))
    bytes.add("consumers' caches had", .text(texts.cache))
    return PageSection(
      id: "object-store", title: "Object store",
      body: [
        .element("div", ["class": "columns"], requests.markup, bytes.markup),
        PageSection.note(
          "Prices are Amazon's list prices of requests, of what was kept, and of bytes moved where they are charged."),
      ])
  }

  private func count(_ number: UInt64) -> Markup { .text(Numerals.grouped(number)) }

  private func price(_ fill: (inout ObjectStoreUsage) -> Void) -> Markup {
    var usage = ObjectStoreUsage()
    usage.prices = result.objectStore.prices
    fill(&usage)
    return .text(Numerals.dollars(nano: usage.nanoDollars))
  }
}
