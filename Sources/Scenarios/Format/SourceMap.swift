/// Where each value of a decoded scenario was written, by path: `faults[2].host`, `topics[orders].partitions`.
public struct SourceMap: Sendable {
  private struct Entry {
    let key: Place?
    let value: Place
  }

  private var entries: [String: Entry] = [:]
  private(set) var root: Place?

  init() {}

  mutating func record(_ path: String, key: Place?, value: Place) {
    if path.isEmpty { root = value }
    entries[path] = Entry(key: key, value: value)
  }

  /// The place of the value at `path`, or of the nearest section or list around it that was written.
  public func place(of path: String) -> Place? {
    var path = Substring(path)
    while !path.isEmpty {
      if let entry = entries[String(path)] { return entry.value }
      path = Self.parent(of: path)
    }
    return root
  }

  /// The place of the key that introduces the value at `path`, else the place of the value.
  public func keyPlace(of path: String) -> Place? {
    entries[path]?.key ?? place(of: path)
  }

  /// Whether the scenario gives a value at `path` itself, rather than leaving the default.
  public func isGiven(_ path: String) -> Bool { entries[path] != nil }

  /// Drops the last step of a path.
  private static func parent(of path: Substring) -> Substring {
    guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return "" }
    return path[..<end]
  }
}

/// Lets a validation say that something is wrong at a key of the section it looks at.
///
/// Paths are relative to that section: a fault's validation says `host`, not `faults[2].host`.
public struct Locator {
  let path: String
  let reader: Reader

  /// The absolute path of something in this section.
  public func absolutePath(_ relative: String) -> String {
    if path.isEmpty { return relative }
    if relative.isEmpty || relative.hasPrefix("[") { return path + relative }
    return "\(path).\(relative)"
  }

  /// An error to throw that points at the value of `relative`; an empty path is the section itself.
  public func error(at relative: String, _ message: String, remedy: String) -> ScenarioError {
    let absolute = absolutePath(relative)
    let place = reader.places.place(of: absolute) ?? Place(source: SourceText(name: "", text: ""), line: 1, column: 1)
    return ScenarioError(at: place, message: message, remedy: remedy)
  }

  /// Reports an error and goes on, for validations that can find several.
  public func report(at relative: String, _ message: String, remedy: String) {
    reader.append(error(at: relative, message, remedy: remedy))
  }

  /// Whether the scenario gives a value here itself, rather than leaving the default.
  public func isGiven(_ relative: String) -> Bool { reader.places.isGiven(absolutePath(relative)) }
}
