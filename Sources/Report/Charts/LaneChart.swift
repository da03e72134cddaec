/// Bars in lanes over time: who had what when. What is empty shows as a gap.
public struct LaneChart: Sendable {
  /// A lane.
  public struct Lane: Sendable {
    /// What it is about.
    public let label: String
    /// Its bars by beginning.
    public let bars: [Bar]
    /// Makes a lane.
    public init(label: String, bars: [Bar]) {
      self.label = label
      self.bars = bars
    }
  }

  /// A bar.
  public struct Bar: Sendable {
    /// From when, in seconds.
    public let begin: Double
    /// Until when, in seconds.
    public let end: Double
    /// Its colour, one of the page's eight.
    public let colour: Int
    /// What to write on it: the first that fits.
    public let labels: [String]
    /// All about it, for a reader who points at it.
    public let title: String
    /// Makes a bar.
    public init(begin: Double, end: Double, colour: Int, labels: [String], title: String) {
      self.begin = begin
      self.end = end
      self.colour = colour
      self.labels = labels
      self.title = title
    }
  }

  /// What the chart shows, for those who cannot see it.
  public let title: String
  /// The same at more length.
  public let description: String
  /// The lanes from the top.
  public let lanes: [Lane]
  /// How much time is shown.
  public let seconds: Double
  /// What lies behind the bars.
  public let backdrop: ChartBackdrop

  private static let laneHeight = 20.0
  private static let barHeight = 15.0

  /// Makes a chart.
  public init(
    title: String, description: String, lanes: [Lane], seconds: Double, backdrop: ChartBackdrop = ChartBackdrop()
  ) {
    self.title = title
    self.description = description
    self.lanes = lanes
    self.seconds = seconds
    self.backdrop = backdrop
  }

  /// The chart in a size.
  ///
  /// - Parameter id: Unique on the page.
  public func drawing(_ size: ChartSize, id: String) -> Markup {
    let widest = lanes.map { SVG.width(of: $0.label, size: ChartFrame.fontSize) }.max() ?? 0
    let margin = min(max(widest, 24), size.marginLimit) + 14
    let frame = ChartFrame(
      size, seconds: seconds, plotHeight: Double(max(lanes.count, 1)) * Self.laneHeight + 4, margin: margin,
      heading: "", backdrop: backdrop)
    let shapes = lanes.enumerated().flatMap { index, lane in
      drawn(lane, y: frame.top + 2 + Double(index) * Self.laneHeight, frame, room: margin - 10)
    }
    return SVG.drawing(
      width: size.width, height: frame.height, id: id, title: title, description: description,
      frame.behind + shapes + frame.above)
  }

  private func drawn(_ lane: Lane, y: Double, _ frame: ChartFrame, room: Double) -> [Markup] {
    let middle = y + Self.laneHeight / 2
    var shapes = [
      SVG.line("grid", from: (frame.left, middle), to: (frame.right, middle)),
      SVG.text("label", Self.shortened(lane.label, to: room), x: frame.left - 7, y: middle + 4, anchor: .end),
    ]
    var drawnTo = -1.0
    for bar in lane.bars {
      let begin = frame.x.position(of: bar.begin)
      let width = frame.x.position(of: bar.end) - begin
      // Bars that would hide behind the last one are left out: a lease that moves a thousand times stays a small page.
      if width < 1, begin < drawnTo { continue }
      drawnTo = begin + max(width, 1)
      shapes += drawn(bar, x: begin, y: y + (Self.laneHeight - Self.barHeight) / 2, width: max(width, 1))
    }
    return shapes
  }

  private func drawn(_ bar: Bar, x: Double, y: Double, width: Double) -> [Markup] {
    let colour = bar.colour % 8
    let shape = SVG.rectangle(
      "bar c\(colour)", x: x, y: y, width: width, height: Self.barHeight, title: bar.title, corner: 2)
    guard let label = bar.labels.first(where: { SVG.width(of: $0, size: ChartFrame.fontSize) + 8 <= width }) else {
      return [shape]
    }
    return [shape, SVG.text("on o\(colour)", label, x: x + 5, y: y + 11.5)]
  }

  private static func shortened(_ label: String, to room: Double) -> String {
    guard SVG.width(of: label, size: ChartFrame.fontSize) > room else { return label }
    var label = label
    // The end tells lanes apart more often than the beginning.
    while SVG.width(of: label, size: ChartFrame.fontSize) + 8 > room, !label.isEmpty { label.removeFirst() }
    return "…" + label
  }
}
