import Simulation

/// The objects whose rows have gone and that have to be deleted, a reader grace later.
///
/// When each went is not kept: after a restart of the service every one of them is given the full grace again.
struct ObjectRemovals: StatePart {
  static let tag: UInt8 = 40

  /// In order of their bytes.
  private(set) var keys: [ObjectKey] = []

  init() {}

  func contains(_ key: ObjectKey) -> Bool {
    let place = place(of: key)
    return place < keys.count && keys[place] == key
  }

  private func place(of key: ObjectKey) -> Int {
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  mutating func add(_ added: [ObjectKey]) {
    for key in added {
      let place = place(of: key)
      if place == keys.count || keys[place] != key { keys.insert(key, at: place) }
    }
  }

  mutating func remove(_ removed: [ObjectKey]) {
    for key in removed {
      let place = place(of: key)
      if place < keys.count, keys[place] == key { keys.remove(at: place) }
    }
  }

  // MARK: Snapshot

  func encode(into writer: inout JournalWriter) { writer.list(keys) { $0.key($1) } }

  init?(from reader: inout JournalReader) {
    guard let keys = reader.list({ $0.key() }) else { return nil }
    self.keys = keys
  }

  var picture: Snapshot.Field { Snapshot.Field("removals", .list(keys.map { .text($0.description) })) }
}
