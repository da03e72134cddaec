/// What lies behind a chart over time: stretches that are shaded and moments that are marked.
public struct ChartBackdrop: Sendable {
  /// A stretch of time.
  public struct Shade: Sendable {
    /// From when, in seconds.
    public let begin: Double
    /// Until when, in seconds.
    public let end: Double
    /// A word or two.
    public let label: String
    /// More, for a reader who points at it.
    public let title: String
    /// Makes a stretch.
    public init(begin: Double, end: Double, label: String, title: String) {
      self.begin = begin
      self.end = end
      self.label = label
      self.title = title
    }
  }

  /// A moment.
  public struct Mark: Sendable {
    /// When, in seconds.
    public let at: Double
    /// A word or two.
    public let label: String
    /// Makes a moment.
    public init(at: Double, label: String) {
      self.at = at
      self.label = label
    }
  }

  /// The stretches.
  public let shades: [Shade]
  /// The moments.
  public let marks: [Mark]

  /// Makes a backdrop; without arguments, an empty one.
  public init(shades: [Shade] = [], marks: [Mark] = []) {
    self.shades = shades
    self.marks = marks
  }

  /// The time that is shaded, each second of it once: stretches that overlap do not darken each other.
  var shaded: [ClosedRange<Double>] {
    var ranges: [ClosedRange<Double>] = []
    for shade in shades.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) where shade.end >= shade.begin {
      if let last = ranges.last, shade.begin <= last.upperBound {
        ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, shade.end)
      } else {
        ranges.append(shade.begin...shade.end)
      }
    }
    return ranges
  }
}
