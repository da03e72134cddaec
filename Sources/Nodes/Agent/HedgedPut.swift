import Simulation

/// How one slow request out of thousands is kept from holding a partition up: what has not been answered after a while is asked for a second time, and the first success counts.
///
/// Both puts carry the same bytes and the same mark, so that it makes no difference which one stores the object. After "The Tail at Scale" (Dean and Barroso, 2013), which also has the limit: only a small share of requests is doubled, or a store that is slow as a whole would get twice as many.
extension PartitionLeader {
  /// Puts an object, a second time when the first is not answered in time.
  ///
  /// - Throws: ``ObjectStoreError`` or ``NetworkError`` of the put that failed last, ``HostCrashed``.
  func put(_ request: PutObject) async throws {
    let race = PutRace(host: host)
    post(request, in: race)
    if try await !race.ends(within: configuration.hedgeDelay), !isStopped, gate.allowsHedge() {
      host.probe(.uploadHedged)
      post(request, in: race)
    }
    try await race.result()
  }

  private func post(_ request: PutObject, in race: PutRace) {
    race.underWay += 1
    host.post([(request, configuration.uploadTimeout)], to: addresses.objectStore, from: self) { _, _, outcome in
      race.take(outcome)
    }
  }
}

/// The puts of one object that are under way. Sendable because it never leaves its host.
private final class PutRace: @unchecked Sendable {
  private let host: Host
  private let changed: Signal
  private var outcome: Result<PutObject.Response, any Error>?
  /// How many puts are not answered yet.
  var underWay = 0

  init(host: Host) {
    self.host = host
    changed = Signal(on: host, "the object store")
  }

  func take(_ answer: Result<PutObject.Response, any Error>) {
    underWay -= 1
    switch (outcome, answer) {
    case (.some, _): break
    case (nil, .success), (nil, .failure(ObjectStoreError.preconditionFailed)): outcome = answer
    // The other one may still succeed; until then nothing is known.
    default: if underWay == 0 { outcome = answer }
    }
    if outcome != nil { changed.notify() }
  }

  /// Waits for the outcome; tells whether it is there.
  func ends(within limit: VirtualDuration) async throws -> Bool {
    if outcome == nil { try await changed.wait(atMost: limit) }
    return outcome != nil
  }

  func result() async throws {
    while true {
      if let outcome {
        _ = try outcome.get()
        return
      }
      try await changed.wait()
    }
  }
}
