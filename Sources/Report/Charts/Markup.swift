/// Markup text that is safe to put into a page.
struct Markup {
  private(set) var text = ""

  /// Adds markup as it is.
  mutating func raw(_ markup: String) { text += markup }

  /// Adds an element with attributes and a text of any origin.
  mutating func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String? = nil) {
    text += "<\(name)\(Self.attributes(attributes))"
    text += content.map { ">\(Self.escaped($0))</\(name)>" } ?? "/>"
  }

  /// Opens an element; `close` ends it.
  mutating func open(_ name: String, _ attributes: KeyValuePairs<String, String> = [:]) {
    text += "<\(name)\(Self.attributes(attributes))>"
  }

  mutating func close(_ name: String) { text += "</\(name)>" }

  private static func attributes(_ attributes: KeyValuePairs<String, String>) -> String {
    attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
  }

  /// A text with what markup gives a meaning to escaped.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default:
        // Control characters have no place in a page.
        if scalar.value >= 0x20 || scalar == "\n" || scalar == "\t" { escaped.unicodeScalars.append(scalar) }
      }
    }
    return escaped
  }
}
