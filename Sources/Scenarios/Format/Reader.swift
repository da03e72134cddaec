/// Collects what a reading of one scenario finds: errors and the places of values.
final class Reader {
  private(set) var errors: [ScenarioError] = []
  private(set) var omitted = 0
  var places = SourceMap()

  func report(_ place: Place, _ message: String, _ remedy: String) {
    append(ScenarioError(at: place, message: message, remedy: remedy))
  }

  func append(_ error: ScenarioError) {
    if errors.count < ScenarioErrors.limit { errors.append(error) } else { omitted += 1 }
  }

  var errorCount: Int { errors.count + omitted }

  var failure: ScenarioErrors { ScenarioErrors(errors, omitted: omitted) }
}

/// A node that is being read, with the path that leads to it.
struct Cursor {
  let node: SourceNode
  let path: String
  let reader: Reader

  /// Reports an error at this node and returns nil, so that a reading function can end with it.
  func fail<Value>(_ message: String, _ remedy: String) -> Value? {
    reader.report(node.place, message, remedy)
    return nil
  }

  func field(_ entry: SourceEntry) -> Cursor {
    let path = path.isEmpty ? entry.key : "\(path).\(entry.key)"
    return child(entry.value, path: path, keyPlace: entry.keyPlace)
  }

  func item(_ node: SourceNode, index: String, keyPlace: Place? = nil) -> Cursor {
    child(node, path: "\(path)[\(index)]", keyPlace: keyPlace)
  }

  private func child(_ node: SourceNode, path: String, keyPlace: Place?) -> Cursor {
    reader.places.record(path, key: keyPlace, value: node.place)
    return Cursor(node: node, path: path, reader: reader)
  }
}
