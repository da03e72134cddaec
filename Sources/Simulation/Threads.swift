import Synchronization

/// Notes jobs that reached a host from a thread that is not the run's; the only state that foreign threads touch.
final class ForeignJobs: Sendable {
  private let firstHost = Mutex<String?>(nil)
  private let anyNoted = Atomic(false)

  func note(host: String) {
    firstHost.withLock { $0 = $0 ?? host }
    anyNoted.store(true, ordering: .releasing)
  }

  /// Whether any were noted; asked after every step.
  var areThere: Bool { anyNoted.load(ordering: .acquiring) }

  var host: String? { firstHost.withLock { $0 } }
}
