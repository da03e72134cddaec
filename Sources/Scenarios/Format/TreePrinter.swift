/// Prints trees as YAML in block style, always in the same way.
struct TreePrinter {
  private var lines: [String] = []

  static func print(_ tree: Tree) -> String {
    var printer = TreePrinter()
    if let inline = inline(tree) {
      printer.lines.append(inline)
    } else {
      printer.block(tree, indent: 0, firstLinePrefix: "")
    }
    return printer.lines.joined(separator: "\n") + "\n"
  }

  /// The tree in flow style on one line, for tables.
  static func flow(_ tree: Tree) -> String {
    switch tree {
    case .scalar(let text, let isText): quoted(text, isText: isText)
    case .list(let items): "[" + items.map(flow).joined(separator: ", ") + "]"
    case .section(let entries): "{" + entries.map { "\(key($0.key)): \(flow($0.tree))" }.joined(separator: ", ") + "}"
    }
  }

  /// A tree that fits behind its key: scalars and empty collections.
  private static func inline(_ tree: Tree) -> String? {
    switch tree {
    case .scalar(let text, let isText): quoted(text, isText: isText)
    case .list(let items): items.isEmpty ? "[]" : nil
    case .section(let entries): entries.isEmpty ? "{}" : nil
    }
  }

  /// Appends the lines of a collection; the first one starts with `firstLinePrefix` instead of the indent.
  private mutating func block(_ tree: Tree, indent: Int, firstLinePrefix: String) {
    let blank = String(repeating: " ", count: indent)
    var prefix = firstLinePrefix.isEmpty ? blank : firstLinePrefix
    switch tree {
    case .scalar(let text, let isText):
      lines.append(prefix + Self.quoted(text, isText: isText))
    case .list(let items):
      for item in items {
        if let inline = Self.inline(item) {
          lines.append("\(prefix)- \(inline)")
        } else {
          block(item, indent: indent + 2, firstLinePrefix: "\(prefix)- ")
        }
        prefix = blank
      }
    case .section(let entries):
      for entry in entries {
        if let inline = Self.inline(entry.tree) {
          lines.append("\(prefix)\(Self.key(entry.key)): \(inline)")
        } else {
          lines.append("\(prefix)\(Self.key(entry.key)):")
          block(entry.tree, indent: indent + 2, firstLinePrefix: "")
        }
        prefix = blank
      }
    }
  }

  // MARK: Quotes

  private static func key(_ text: String) -> String { quoted(text, isText: true) }

  private static func quoted(_ text: String, isText: Bool) -> String {
    if !isText || isPlain(text) { return text }
    return "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  /// Words that some YAML reader takes for something else than a text.
  private static let taken: Set<String> = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", Tree.absentWord, "nan", "inf",
  ]

  /// Whether any YAML reader takes the unquoted text for this very text.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
    guard isLetter(first), last != " ", !taken.contains(text.lowercased()) else { return false }
    return text.unicodeScalars.allSatisfy { isLetter($0) || "0"..."9" ~= $0 || " -_./".unicodeScalars.contains($0) }
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool { "a"..."z" ~= scalar || "A"..."Z" ~= scalar }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\t": return "\\t"
    case "\r": return "\\r"
    default: break
    }
    switch scalar.value {
    case 0x20...0x7E, 0xA1...0x2027, 0x2030...0xD7FF, 0xE000...0xFDFF, 0x10000...0x10FFFF:
      return String(Character(scalar))
    default:
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
    }
  }
}
