import DequeModule

/// How much a link carries while its bandwidth is limited.
struct LinkLimit {
  let bytesPerSecond: Int64
  /// How many messages may wait to be carried.
  let queue: Int
  /// When the link has carried what it was given so far.
  var freeAt = VirtualTime.start
  /// When each message that waits will have been carried.
  var waiting: Deque<VirtualTime> = []

  /// When a message that reaches the link now has been carried; nil when too many wait already.
  mutating func carry(_ size: Int64, from ready: VirtualTime) -> VirtualTime? {
    while let first = waiting.first, first <= ready { waiting.removeFirst() }
    guard waiting.count < queue else { return nil }
    let begin = ready < freeAt ? freeAt : ready
    freeAt = begin + VirtualDuration(nanoseconds: size * 1_000_000_000 / bytesPerSecond)
    waiting.append(freeAt)
    return freeAt
  }
}

// Links that are slow or stuck, rather than cut.
extension Network {
  /// When a message that departs at a time has passed a link's limit; nil when it is lost there.
  func carry(_ envelope: Envelope, of size: Int64, _ departure: VirtualTime) -> VirtualTime? {
    guard envelope.link.limit != nil else { return departure }
    return envelope.link.limit?.carry(size, from: departure)
  }

  /// Sets the limits of a link to the narrowest of those in force.
  func limit(_ source: Machine, _ target: Machine, to limits: [(bytesPerSecond: Int64, queue: Int)]) {
    let link = source.links.link(to: target.id)
    guard let narrowest = limits.min(by: { ($0.bytesPerSecond, $0.queue) < ($1.bytesPerSecond, $1.queue) }) else {
      link.limit = nil
      return
    }
    let freeAt = link.limit?.freeAt ?? .start
    let waiting = link.limit?.waiting ?? []
    link.limit = LinkLimit(
      bytesPerSecond: narrowest.bytesPerSecond, queue: narrowest.queue, freeAt: freeAt, waiting: waiting)
  }

  func clog(_ source: Machine, _ target: Machine, by change: Int) {
    let link = source.links.link(to: target.id)
    link.clogs += change
    if link.clogs == 0, !link.held.isEmpty { simulation.schedule(ClogRelease(link), at: simulation.now) }
  }

  /// Whether a message that is due has to wait because its link is clogged, or because others that were held up still come before it.
  func isHeldUp(_ envelope: Envelope) -> Bool {
    let link = envelope.link
    guard link.clogs > 0 || (!link.held.isEmpty && link.held.first !== envelope) else { return false }
    link.held.append(envelope)
    return true
  }
}

/// Delivers what a clog held up, one message after another, with whatever follows from each in between.
private final class ClogRelease: Scheduled {
  private let link: Link

  init(_ link: Link) { self.link = link }

  override func fire(_ simulation: Simulation) {
    guard link.clogs == 0, let envelope = link.held.first else { return }
    simulation.currentEvent = envelope.cause
    simulation.network.arrive(envelope)
    link.held.removeFirst()
    if !link.held.isEmpty { simulation.schedule(self, at: simulation.now) }
  }
}
