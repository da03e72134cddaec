/// Which keys change while a conditional write to them is on its way: S3 answers such a write with 409, if its condition still holds in the end.
struct ConcurrentWrites {
  private struct Watched {
    var writers = 0
    var changes: UInt64 = 0
  }

  private var watched: [ObjectKey: Watched] = [:]

  /// A conditional write begins; returns what to end it with.
  mutating func begin(_ key: ObjectKey) -> UInt64 {
    watched[key, default: Watched()].writers += 1
    return watched[key]?.changes ?? 0
  }

  /// Something changes the object of a key.
  mutating func changed(_ key: ObjectKey) { watched[key]?.changes += 1 }

  /// A conditional write ends; tells whether the object has changed since it began.
  mutating func end(_ key: ObjectKey, since begin: UInt64) -> Bool {
    guard var state = watched[key] else { return false }
    state.writers -= 1
    watched[key] = state.writers > 0 ? state : nil
    return state.changes != begin
  }
}
