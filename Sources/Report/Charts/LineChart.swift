/// Lines over time.
public struct LineChart: Sendable {
  /// A line.
  public struct Series: Sendable {
    /// What it shows.
    public let name: String
    /// Its colour, one of the page's eight.
    public let colour: Int
    /// Seconds and values; a nil breaks the line.
    public let points: [(seconds: Double, value: Double?)]
    /// Whether it is dashed, so that a line under it shows through.
    public let isDashed: Bool
    /// Makes a line.
    public init(name: String, colour: Int, isDashed: Bool = false, points: [(seconds: Double, value: Double?)]) {
      self.name = name
      self.colour = colour
      self.isDashed = isDashed
      self.points = points
    }
  }

  /// How values become heights.
  public enum Heights: Sendable {
    /// From zero, equal distances for equal differences.
    case linear
    /// Equal distances for equal ratios where the values span more than two powers of ten, else linear.
    case automatic
  }

  /// What the chart shows, for those who cannot see it.
  public let title: String
  /// What the values are.
  public let heading: String
  /// The lines.
  public let series: [Series]
  /// How much time is shown.
  public let seconds: Double
  /// What lies behind the lines.
  public let backdrop: ChartBackdrop
  private let heights: Heights
  private let shown: @Sendable (Double) -> String

  /// Makes a chart.
  ///
  /// - Parameter shown: Shows a value.
  public init(
    title: String, heading: String, series: [Series], seconds: Double, backdrop: ChartBackdrop = ChartBackdrop(),
    heights: Heights = .linear, shown: @escaping @Sendable (Double) -> String
  ) {
    self.title = title
    self.heading = heading
    self.series = series
    self.seconds = seconds
    self.backdrop = backdrop
    self.heights = heights
    self.shown = shown
  }

  /// The chart in a size.
  ///
  /// - Parameter id: Unique on the page.
  public func drawing(_ size: ChartSize, id: String) -> Markup {
    let room = 52.0
    let frame = ChartFrame(
      size, seconds: seconds, plotHeight: size.plotHeight, margin: room, heading: heading, backdrop: backdrop)
    let y = scale(from: frame.bottom, to: frame.top)
    let grid = y.ticks.flatMap { tick in
      let place = y.position(of: tick.value)
      return [
        SVG.line("grid", from: (frame.left, place), to: (frame.right, place)),
        SVG.text("label", tick.label, x: frame.left - 7, y: place + 4, anchor: .end),
      ]
    }
    let curves = series.map { series in
      let points = series.points.map { point in
        point.value.map { (x: frame.x.position(of: point.seconds), y: y.position(of: $0)) }
      }
      return SVG.curve("curve c\(series.colour % 8)\(series.isDashed ? " dashed" : "")", points)
    }
    let hints = size.style == ChartSize.wide.style ? hints(frame) : []
    return SVG.drawing(
      width: size.width, height: frame.height, id: id, title: title, description: summary,
      frame.behind + grid + curves + frame.above + hints)
  }

  private var values: [Double] { series.flatMap { $0.points.compactMap(\.value) } }

  private func scale(from bottom: Double, to top: Double) -> Scale {
    let highest = max(values.max() ?? 0, 0)
    let lowest = values.filter { $0 > 0 }.min() ?? 0
    if case .automatic = heights, lowest > 0, highest / lowest > 100 {
      return .logarithmic(lowest...highest, from: bottom, to: top, label: shown)
    }
    return .linear(0...(highest > 0 ? highest : 1), from: bottom, to: top, ticks: 5, widens: true)
  }

  /// The highest values in words.
  private var summary: String {
    let peaks = series.compactMap { series -> String? in
      guard
        let peak = series.points.compactMap({ point in point.value.map { (point.seconds, $0) } })
          .max(by: { $0.1 < $1.1 })
      else { return nil }
      return "\(series.name) is at most \(shown(peak.1)), at \(Numerals.fixed(peak.0, 0)) s"
    }
    return peaks.isEmpty ? "No data." : peaks.joined(separator: "; ") + "."
  }

  /// Invisible columns that tell their values to a reader who points at them.
  private func hints(_ frame: ChartFrame) -> [Markup] {
    guard let first = series.first, let last = first.points.last else { return [] }
    let step = first.points.count > 1 ? first.points[1].seconds - first.points[0].seconds : max(last.seconds, 1)
    return first.points.indices.map { index in
      let middle = first.points[index].seconds
      let begin = frame.x.position(of: middle - step / 2)
      let end = frame.x.position(of: middle + step / 2)
      let values = series.map { series in
        let value = series.points.indices.contains(index) ? series.points[index].value : nil
        return "\(series.name) \(value.map(shown) ?? "–")"
      }
      let title = "\(Numerals.fixed(middle - step / 2, 0)) s: \(values.joined(separator: ", "))"
      return SVG.rectangle(
        "hint", x: begin, y: frame.top, width: max(end - begin, 0.5), height: frame.bottom - frame.top, title: title)
    }
  }
}
