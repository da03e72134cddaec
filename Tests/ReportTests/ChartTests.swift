import Testing

@testable import Report

@Suite("Charts")
struct ChartTests {
  @Test("A logarithm agrees with powers of ten and halves")
  func logarithm() {
    for (value, expected) in [(1.0, 0.0), (10, 1), (1_000, 3), (0.01, -2), (1e12, 12)] {
      #expect(abs(Logarithm.decimal(value) - expected) < 1e-12)
    }
    #expect(abs(Logarithm.decimal(2) - 0.301_029_995_663_981_2) < 1e-14)
    #expect(abs(Logarithm.decimal(1.4142) - 0.150_510_8) < 1e-6)
  }

  @Test("A linear scale has round ticks and may widen to the next")
  func linear() {
    let scale = Scale.linear(0...1_230, from: 200, to: 0, ticks: 5, widens: true)
    #expect(scale.ticks.map(\.label) == ["0", "500", "1,000", "1,500"])
    #expect(scale.position(of: 0) == 200)
    #expect(scale.position(of: 1_500) == 0)
    #expect(Scale.linear(0...0.3, from: 0, to: 10, ticks: 3).ticks.map(\.label) == ["0.0", "0.1", "0.2", "0.3"])
    #expect(Scale.linear(0...0, from: 0, to: 10, ticks: 3).ticks.count >= 2)
  }

  @Test("A logarithmic scale gives equal ratios equal distances")
  func logarithmic() {
    let scale = Scale.logarithmic(12...9_000, from: 0, to: 100) { Numerals.plain($0) }
    #expect(scale.domain == 10...10_000)
    #expect(scale.ticks.map(\.label) == ["10", "100", "1000", "10000"])
    #expect(abs(scale.position(of: 100) - 100.0 / 3) < 1e-9)
  }

  @Test("Stretches that overlap are shaded once")
  func shades() {
    func shade(_ begin: Double, _ end: Double) -> ChartBackdrop.Shade {
      ChartBackdrop.Shade(begin: begin, end: end, label: "", title: "")
    }
    let backdrop = ChartBackdrop(shades: [shade(5, 9), shade(1, 3), shade(2, 4), shade(6, 7)])
    #expect(backdrop.shaded == [1...4, 5...9])
  }

  @Test("Labels that would overlap go to different rows, and what finds no row is left out")
  func labels() {
    let x = Scale.linear(0...100, from: 0, to: 1_000, ticks: 5)
    let shades = (0..<3).map { index in
      ChartBackdrop.Shade(begin: Double(index), end: Double(index) + 1, label: "crash agent-2", title: "")
    }
    var placer = LabelPlacer(x: x, right: 1_000, rows: 2)
    let labels = placer.place(ChartBackdrop(shades: shades))
    #expect(labels.map(\.row) == [0, 1])
    #expect(placer.usedRows == 2)
  }

  @Test("A line breaks where there is nothing, and a point alone is a dot")
  func curve() {
    let curve = SVG.curve("c", [(x: 0, y: 1), (x: 1, y: 2), nil, (x: 3, y: 4.26)])
    #expect(curve.text.contains("d=\"M0 1L1 2M3 4.3h0\""))
  }

  @Test("A lane with ten thousand short bars stays a small drawing")
  func bars() {
    let bars = (0..<10_000).map { index in
      LaneChart.Bar(begin: Double(index) / 100, end: Double(index + 1) / 100, colour: index, labels: [], title: "x")
    }
    let chart = LaneChart(
      title: "t", description: "d", lanes: [LaneChart.Lane(label: "orders/1", bars: bars)], seconds: 100)
    #expect(chart.drawing(.wide, id: "a").text.utf8.count < 150_000)
  }

  @Test("Names that end in numbers are in the order of the numbers")
  func order() {
    let names = ["orders/10", "orders/2", "clicks/3", "orders/2x"].sorted(by: NaturalOrder.precedes)
    #expect(names == ["clicks/3", "orders/2", "orders/2x", "orders/10"])
  }
}
