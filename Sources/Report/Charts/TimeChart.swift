/// A chart over virtual time with shaded windows: lines of values, or lanes of stretches.
struct TimeChart {
  /// A stretch of time that is shaded behind the chart.
  struct Window {
    var begin: Double
    var end: Double
    var label: String
  }

  /// Values by second.
  struct Series {
    var name: String
    var colour: Int
    var values: [Double]
  }

  /// A row of coloured stretches.
  struct Lane {
    var name: String
    var stretches: [Stretch]
  }

  /// A coloured stretch.
  struct Stretch {
    var begin: Double
    var end: Double
    var colour: Int
    var label: String
  }

  static let width = 960.0
  static let left = 90.0
  static let right = 12.0
  static let top = 14.0
  static let bottom = 26.0

  let title: String
  let seconds: Double
  var windows: [Window] = []
  /// A moment that is marked, such as the end of the faults.
  var mark: (at: Double, label: String)?

  private func x(_ second: Double) -> Double {
    Self.left + min(max(second, 0), seconds) / max(seconds, 0.001) * (Self.width - Self.left - Self.right)
  }

  /// Lines of values.
  func lines(_ series: [Series], unit: String) -> String {
    let height = 230.0
    let highest = Scale.roundedUp(series.flatMap(\.values).max() ?? 0)
    func y(_ value: Double) -> Double {
      height - Self.bottom - min(value, highest) / max(highest, 0.001) * (height - Self.top - Self.bottom)
    }
    var svg = frame(height)
    for step in 0...4 {
      let value = highest * Double(step) / 4
      svg.element(
        "line",
        [
          "class": "grid", "x1": number(Self.left), "x2": number(Self.width - Self.right), "y1": number(y(value)),
          "y2": number(y(value)),
        ])
      svg.element(
        "text", ["class": "tick", "x": number(Self.left - 6), "y": number(y(value) + 4), "text-anchor": "end"],
        Scale.shown(value) + (step == 4 ? " " + unit : ""))
    }
    for (index, one) in series.enumerated() {
      let points = one.values.enumerated().map { "\(number(x(Double($0.offset) + 0.5))),\(number(y($0.element)))" }
      svg.element("polyline", ["class": "line c\(one.colour)", "points": points.joined(separator: " ")])
      let place = Self.left + 8 + Double(index) * 160
      svg.element("text", ["class": "legend t\(one.colour)", "x": number(place), "y": "11"], "— " + one.name)
    }
    return finish(&svg, height)
  }

  /// Lanes of stretches.
  func lanes(_ lanes: [Lane]) -> String {
    let row = 16.0
    let height = Self.top + Double(lanes.count) * row + Self.bottom
    var svg = frame(height)
    for (index, lane) in lanes.enumerated() {
      let y = Self.top + Double(index) * row
      svg.element(
        "text", ["class": "tick", "x": number(Self.left - 6), "y": number(y + 12), "text-anchor": "end"], lane.name)
      for stretch in lane.stretches {
        svg.open(
          "rect",
          [
            "class": "lane f\(stretch.colour)", "x": number(x(stretch.begin)), "y": number(y + 2),
            "width": number(max(x(stretch.end) - x(stretch.begin), 1)), "height": number(row - 4),
          ])
        svg.element("title", [:], stretch.label)
        svg.close("rect")
      }
    }
    return finish(&svg, height)
  }

  private func frame(_ height: Double) -> Markup {
    var svg = Markup()
    svg.open("svg", ["viewBox": "0 0 \(number(Self.width)) \(number(height))", "role": "img", "aria-label": title])
    svg.element("title", [:], title)
    for window in windows {
      svg.open(
        "rect",
        [
          "class": "window", "x": number(x(window.begin)), "y": number(Self.top),
          "width": number(max(x(window.end) - x(window.begin), 1.5)), "height": number(height - Self.top - Self.bottom),
        ])
      svg.element("title", [:], window.label)
      svg.close("rect")
    }
    return svg
  }

  private func finish(_ svg: inout Markup, _ height: Double) -> String {
    if let mark {
      svg.element(
        "line",
        [
          "class": "mark", "x1": number(x(mark.at)), "x2": number(x(mark.at)), "y1": number(Self.top),
          "y2": number(height - Self.bottom),
        ])
      svg.element(
        "text", ["class": "tick", "x": number(x(mark.at) - 4), "y": number(Self.top + 10), "text-anchor": "end"],
        mark.label)
    }
    let step = Scale.roundedUp(seconds / 8)
    var second = 0.0
    while second <= seconds {
      svg.element(
        "text", ["class": "tick", "x": number(x(second)), "y": number(height - 8), "text-anchor": "middle"],
        Scale.shown(second) + " s")
      second += max(step, 0.001)
    }
    svg.close("svg")
    return svg.text
  }

  private func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
  }
}

/// Round numbers for axes.
enum Scale {
  /// The least of 1, 2, 2.5, 5 times a power of ten that is not smaller.
  static func roundedUp(_ value: Double) -> Double {
    guard value > 0 else { return 1 }
    var power = 0.001
    while power * 10 <= value { power *= 10 }
    for factor in [1, 2, 2.5, 5, 10] where power * factor >= value { return power * factor }
    return value
  }

  /// A number of an axis, short.
  static func shown(_ value: Double) -> String {
    if value >= 1_000_000 { return trimmed(value / 1_000_000) + "M" }
    if value >= 10_000 { return trimmed(value / 1_000) + "k" }
    return trimmed(value)
  }

  private static func trimmed(_ value: Double) -> String {
    let text = Numerals.plain((value * 100).rounded() / 100)
    return text
  }
}
