/// The shapes that charts are made of.
///
/// Colours come from classes, which the page's style sheet fills in, so that a chart follows the reader's light or dark scheme.
public enum SVG {
  /// A drawing that scales to its place and tells those who cannot see it what it shows.
  public static func drawing(
    width: Double, height: Double, id: String, title: String, description: String, _ shapes: [Markup]
  ) -> Markup {
    let label = Markup.element("title", ["id": "\(id)-title"], .text(title))
    let words = Markup.element("desc", ["id": "\(id)-desc"], .text(description))
    return .element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(number(width)) \(number(height))", "role": "img",
        "aria-labelledby": "\(id)-title \(id)-desc",
      ], children: [label, words] + shapes)
  }

  /// Shapes that share a class.
  public static func group(_ style: String, _ shapes: [Markup]) -> Markup {
    .element("g", ["class": style], children: shapes)
  }

  /// A straight line.
  public static func line(_ style: String, from: (x: Double, y: Double), to: (x: Double, y: Double)) -> Markup {
    .element(
      "line",
      ["class": style, "x1": number(from.x), "y1": number(from.y), "x2": number(to.x), "y2": number(to.y)])
  }

  /// A rectangle; a reader who points at it sees the title.
  public static func rectangle(
    _ style: String, x: Double, y: Double, width: Double, height: Double, title: String? = nil, corner: Double = 0
  ) -> Markup {
    let children = title.map { [Markup.element("title", [:], .text($0))] } ?? []
    return .element(
      "rect",
      [
        "class": style, "x": number(x), "y": number(y), "width": number(width), "height": number(height),
        "rx": number(corner),
      ], children: children)
  }

  /// A text at a point.
  public static func text(_ style: String, _ text: String, x: Double, y: Double, anchor: Anchor = .start) -> Markup {
    .element(
      "text", ["class": style, "x": number(x), "y": number(y), "text-anchor": anchor.rawValue], .text(text))
  }

  /// A line through points; a nil breaks it, and a point alone becomes a dot.
  public static func curve(_ style: String, _ points: [(x: Double, y: Double)?]) -> Markup {
    var path = ""
    var isDown = false
    for (index, point) in points.enumerated() {
      guard let point else {
        isDown = false
        continue
      }
      path += "\(isDown ? "L" : "M")\(number(point.x)) \(number(point.y))"
      let isAlone = !isDown && (index + 1 == points.count || points[index + 1] == nil)
      // A line of no length with round ends is a dot.
      if isAlone { path += "h0" }
      isDown = true
    }
    return .element("path", ["class": style, "d": path])
  }

  /// Where a text stands about its point.
  public enum Anchor: String, Sendable {
    /// Behind it.
    case start
    /// Around it.
    case middle
    /// In front of it.
    case end
  }

  /// A coordinate with one decimal, which is finer than a screen.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    return Numerals.plain((value * 10).rounded() / 10)
  }

  /// About how wide a text is, for deciding what fits.
  static func width(of text: String, size: Double) -> Double { Double(text.count) * size * 0.58 }
}
