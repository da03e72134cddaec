/// A piece of a page: HTML and SVG that is also well-formed XML.
///
/// Texts and attributes go in as they are and come out escaped, so that no name in a scenario can become markup:
///
/// ```swift
/// Markup.element("p", ["class": "note"], "5 < 7").text  // <p class="note">5 &lt; 7</p>
/// ```
public struct Markup: Sendable, Hashable {
  /// The piece as text.
  public let text: String

  private init(verbatim text: String) { self.text = text }

  /// Nothing.
  public static let none = Markup(verbatim: "")

  /// A text, escaped.
  public static func text(_ text: String) -> Markup { Markup(verbatim: escaped(text)) }

  /// Pieces one after the other.
  public static func sequence(_ pieces: [Markup], separator: String = "") -> Markup {
    Markup(verbatim: pieces.map(\.text).joined(separator: escaped(separator)))
  }

  /// An element with its attributes in the order in which they are written.
  public static func element(_ name: StaticString, _ attributes: Attributes = [:], _ children: Markup...) -> Markup {
    element(name, attributes, children: children)
  }

  /// An element around several pieces.
  public static func element(_ name: StaticString, _ attributes: Attributes = [:], children: [Markup]) -> Markup {
    var text = "<\(name)"
    for (key, value) in attributes.pairs { text += " \(key)=\"\(escaped(value))\"" }
    // HTML knows elements without an end only by name; the others need their end even when they are empty.
    if children.isEmpty, withoutEnd.contains("\(name)") { return Markup(verbatim: text + "/>") }
    text += ">"
    for child in children { text += child.text }
    return Markup(verbatim: text + "</\(name)>")
  }

  /// A style sheet of the program's own, which must not be escaped.
  public static func style(_ sheet: StaticString) -> Markup { Markup(verbatim: "<style>\n\(sheet)\n</style>") }

  /// A whole page around its head and body.
  public static func page(head: [Markup], body: [Markup]) -> String {
    let head = element("head", [:], children: head)
    let body = element("body", [:], children: body)
    return "<!DOCTYPE html>\n" + element("html", ["lang": "en"], head, body).text + "\n"
  }

  private static let withoutEnd: Set<String> = [
    "br", "wbr", "col", "hr", "link", "meta", "circle", "line", "path", "polyline", "rect",
  ]

  private static func escaped(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
      case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
      case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
      case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
      case "\n", "\t": escaped.append(scalar)
      default: escaped.append(isAllowed(scalar) ? scalar : "\u{FFFD}")
      }
    }
    return String(escaped)
  }

  /// Whether XML allows a character; it has no way to write the others.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory != .control && scalar.value & 0xFFFE != 0xFFFE
  }
}

extension Markup: ExpressibleByStringInterpolation {
  /// Makes escaped text.
  public init(stringLiteral text: String) { self = .text(text) }
}

/// The attributes of an element, in order.
public struct Attributes: Sendable, ExpressibleByDictionaryLiteral {
  /// Names and values; the names are the program's own.
  private(set) var pairs: [(name: StaticString, value: String)]

  /// Makes attributes in the order in which they are written.
  public init(dictionaryLiteral pairs: (StaticString, String)...) { self.pairs = pairs.map { ($0.0, $0.1) } }

  /// Adds an attribute.
  public mutating func add(_ name: StaticString, _ value: String) { pairs.append((name, value)) }
}
