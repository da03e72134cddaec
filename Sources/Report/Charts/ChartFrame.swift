/// Where a chart over time has its plot, and what surrounds it: the axis of time, the backdrop and its labels.
struct ChartFrame {
  /// The size.
  let size: ChartSize
  /// The scale of time.
  let x: Scale
  /// The plot's left edge.
  let left: Double
  /// The plot's right edge.
  let right: Double
  /// The plot's upper edge.
  let top: Double
  /// The plot's lower edge.
  let bottom: Double

  private let backdrop: ChartBackdrop
  private let labels: [PlacedLabel]
  private let heading: String

  private static let rowHeight = 17.0
  private static let headingHeight = 20.0
  private static let axisHeight = 40.0
  static let fontSize = 11.0

  /// Lays out a chart.
  ///
  /// - Parameters:
  ///   - seconds: How much time it shows.
  ///   - margin: The room for labels left of the plot.
  ///   - heading: What the vertical axis shows.
  init(
    _ size: ChartSize, seconds: Double, plotHeight: Double, margin: Double, heading: String, backdrop: ChartBackdrop
  ) {
    self.size = size
    self.backdrop = backdrop
    self.heading = heading
    left = margin
    right = size.width - 12
    x = .linear(0...max(seconds, 0.001), from: margin, to: size.width - 12, ticks: Int(size.width / 95))
    var placer = LabelPlacer(x: x, right: size.width - 4, rows: size.labelRows)
    labels = placer.place(backdrop)
    top = (heading.isEmpty ? 6 : Self.headingHeight) + Double(placer.usedRows) * Self.rowHeight + 4
    bottom = top + plotHeight
  }

  /// The whole chart's height.
  var height: Double { bottom + Self.axisHeight }

  /// What is drawn before the data.
  var behind: [Markup] {
    let shades = backdrop.shaded.map { range in
      let begin = x.position(of: range.lowerBound)
      let width = max(x.position(of: range.upperBound) - begin, 1)
      return SVG.rectangle("shade", x: begin, y: top, width: width, height: bottom - top)
    }
    return shades + [
      heading.isEmpty ? .none : SVG.text("label", heading, x: 2, y: 13)
    ]
  }

  /// What is drawn after the data.
  var above: [Markup] {
    let marks = backdrop.marks.map { mark in
      let place = x.position(of: mark.at)
      return SVG.line("mark", from: (place, top - 4), to: (place, bottom))
    }
    return marks + labels.flatMap(shown) + axis
  }

  private func shown(_ label: PlacedLabel) -> [Markup] {
    let y = top - 4 - Double(label.row + 1) * Self.rowHeight
    var shapes: [Markup] = []
    if let strip = label.strip {
      let width = max(strip.upperBound - strip.lowerBound, 2)
      shapes.append(
        SVG.rectangle("strip", x: strip.lowerBound, y: y + 1, width: width, height: 14, title: label.title, corner: 2))
    }
    return shapes + [
      SVG.text(
        label.strip == nil ? "label strong" : "label", label.text, x: label.x, y: y + 12, anchor: label.anchor)
    ]
  }

  private var axis: [Markup] {
    let ticks = x.ticks.flatMap { tick in
      let place = x.position(of: tick.value)
      return [
        SVG.line("axis", from: (place, bottom), to: (place, bottom + 4)),
        SVG.text("label", tick.label, x: place, y: bottom + 17, anchor: .middle),
      ]
    }
    let words = SVG.text("label", "virtual seconds", x: right, y: bottom + 34, anchor: .end)
    return [SVG.line("axis", from: (left, bottom), to: (right, bottom))] + ticks + [words]
  }
}

/// A label above the plot.
struct PlacedLabel {
  let text: String
  let title: String
  /// The row; 0 is next to the plot.
  let row: Int
  let x: Double
  let anchor: SVG.Anchor
  /// The bar under the text; none for a moment.
  let strip: ClosedRange<Double>?
}

/// Finds room for labels above a plot: the first free row takes each.
struct LabelPlacer {
  private let x: Scale
  private let right: Double
  private var taken: [[ClosedRange<Double>]]
  /// How many rows are used.
  private(set) var usedRows = 0

  init(x: Scale, right: Double, rows: Int) {
    self.x = x
    self.right = right
    taken = Array(repeating: [], count: rows)
  }

  mutating func place(_ backdrop: ChartBackdrop) -> [PlacedLabel] {
    let marks = backdrop.marks.compactMap { mark in
      place(mark.label, title: mark.label, from: mark.at, to: mark.at, hasStrip: false)
    }
    let strips = backdrop.shades.compactMap { shade in
      place(shade.label, title: shade.title, from: shade.begin, to: shade.end, hasStrip: true)
    }
    return marks + strips
  }

  private mutating func place(
    _ text: String, title: String, from begin: Double, to end: Double, hasStrip: Bool
  ) -> PlacedLabel? {
    let strip = x.position(of: begin)...max(x.position(of: end), x.position(of: begin))
    let width = SVG.width(of: text, size: ChartFrame.fontSize) + 8
    // What would leave the chart on the right stands on the left of its end instead.
    let isTooFar = strip.lowerBound + width > right
    let room =
      isTooFar
      ? max(min(strip.lowerBound, strip.upperBound - width), 0)...max(strip.upperBound, 1)
      : strip.lowerBound...max(strip.upperBound, strip.lowerBound + width)
    guard let row = taken.indices.first(where: { row in !taken[row].contains { $0.overlaps(room) } }) else {
      return nil
    }
    taken[row].append(room)
    usedRows = max(usedRows, row + 1)
    return PlacedLabel(
      text: text, title: title, row: row, x: isTooFar ? strip.upperBound - 4 : strip.lowerBound + 4,
      anchor: isTooFar ? .end : .start, strip: hasStrip ? strip : nil)
  }
}
