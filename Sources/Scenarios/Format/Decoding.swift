/// A scenario value together with where each part of it was written.
public struct Decoded<Value: Sendable>: Sendable {
  /// The value.
  public let value: Value
  /// The places of what the file and the overrides give.
  public let places: SourceMap

  /// An error at the value of `path`, for checks that need more than one section to be made.
  public func error(at path: String, _ message: String, remedy: String) -> ScenarioError {
    let place = places.place(of: path) ?? Place(source: SourceText(name: "", text: ""), line: 1, column: 1)
    return ScenarioError(at: place, message: message, remedy: remedy)
  }
}

extension Schema {
  /// Reads a scenario from the bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: the content of the file.
  ///   - file: its name, for errors.
  ///   - overrides: fields to set, in order, before the content is read.
  /// - Throws: everything that is wrong, in reading order.
  public func decode(
    _ bytes: [UInt8], file: String, overrides: [Override] = []
  ) throws(ScenarioErrors) -> Decoded<Value> {
    let reader = Reader()
    guard let root = SourceLoader.load(bytes: bytes, file: file, reader: reader) else { throw reader.failure }
    var node = root
    if !overrides.isEmpty {
      let defaults = tree(of: defaults())
      for override in overrides {
        if let changed = OverrideApplication(override, reader: reader).apply(to: node, defaults: defaults) {
          node = changed
        }
      }
    }
    reader.places.record("", key: nil, value: node.place)
    let value = read(Cursor(node: node, path: "", reader: reader), over: nil)
    guard let value, reader.errorCount == 0 else { throw reader.failure }
    return Decoded(value: value, places: reader.places)
  }

  /// Reads a scenario from a text.
  public func decode(
    _ text: String, file: String, overrides: [Override] = []
  ) throws(ScenarioErrors) -> Decoded<Value> {
    try decode(Array(text.utf8), file: file, overrides: overrides)
  }
}

/// Which fields a print shows.
public enum PrintedFields: Sendable {
  /// Every field, so that the print does not depend on defaults.
  case all
  /// Only what differs from the defaults.
  case changed
}

extension Schema {
  /// The value as canonical YAML: decoding it gives the value again, and printing that gives the same text.
  public func print(_ value: Value, fields: PrintedFields = .all) -> String {
    let whole = tree(of: value)
    switch fields {
    case .all: return TreePrinter.print(whole)
    case .changed: return TreePrinter.print(whole.differing(from: tree(of: defaults())) ?? .section([]))
    }
  }
}
