import Synchronization

/// Notes jobs that reached a host from a thread that is not the run's; the only state that foreign threads touch.
final class ForeignJobs: Sendable {
  private let firstHost = Mutex<String?>(nil)

  func note(host: String) { firstHost.withLock { $0 = $0 ?? host } }

  var host: String? { firstHost.withLock { $0 } }
}
