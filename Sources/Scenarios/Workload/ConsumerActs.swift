import Nodes
import Simulation

/// What an application does with its consumer between two polls: it sends it elsewhere, pauses partitions, and leaves those alone that cannot be read.
extension ConsumerApplication {
  /// When there is something to do next.
  var nextAct: VirtualTime { min(nextSeek, nextPause, paused.map(\.until).min() ?? .distantFuture) }

  /// Draws when to begin with what the scenario asks for.
  func planNextActs() {
    nextSeek = group.seeks.map { time(after: $0.every) } ?? .distantFuture
    nextPause = group.pauses.map { time(after: $0.every) } ?? .distantFuture
  }

  private func time(after mean: VirtualDuration) -> VirtualTime {
    let next = host.now + randomness.duration(in: mean / 2...(mean * 3 / 2))
    // In the end everybody reads on undisturbed.
    return next < stop ? next : .distantFuture
  }

  /// Does what is due.
  func act() async throws {
    try await resumeWhatIsDue()
    if let plan = group.seeks, host.now >= nextSeek {
      nextSeek = time(after: plan.every)
      try await seek(plan)
    }
    if let plan = group.pauses, host.now >= nextPause {
      nextPause = time(after: plan.every)
      let length = randomness.duration(in: plan.lasts)
      if let partition = drawn(await consumer.assignment) { try await pause(partition, for: length) }
    }
  }

  /// A partition may go to another member at any time; nothing else can be wrong with it.
  private func requireNotAssigned(_ error: ConsumerError) throws(ConsumerError) {
    guard case .notAssigned = error else { throw error }
  }

  private func drawn<Element>(_ list: [Element]) -> Element? {
    list.isEmpty ? nil : list[Int(randomness.below(UInt64(list.count)))]
  }

  // MARK: Seeking

  private func seek(_ plan: SeekPlan) async throws {
    let way = Int(randomness.below(1_000_000))
    let span = UInt64(plan.records.upperBound - plan.records.lowerBound)
    let distance = UInt64(plan.records.lowerBound) + randomness.below(span + 1)
    guard let position = drawn(await consumer.positions ?? []),
      let lag = await consumer.lag(of: position.partition)
    else { return }
    let offset: UInt64
    if way < plan.beyond {
      offset = position.offset + lag + 1 + distance
    } else if way < plan.beyond + plan.forward {
      offset = position.offset + min(distance, lag)
    } else {
      offset = position.offset - min(distance, position.offset)
    }
    do throws(ConsumerError) {
      try await consumer.seek(position.partition, to: offset)
    } catch {
      // It went to another member meanwhile.
      return try requireNotAssigned(error)
    }
    try await commitByHand()
  }

  // MARK: Pausing

  private func pause(_ partition: TopicPartition, for length: VirtualDuration) async throws {
    do throws(ConsumerError) {
      try await consumer.pause(partition)
    } catch {
      return try requireNotAssigned(error)
    }
    host.emit(WorkloadEvent.partitionPaused(partition, true))
    paused.removeAll { $0.partition == partition }
    // However long it is to be: at the end everybody reads on undisturbed, and what cannot be read then is tried again soon.
    let limit = host.now < stop ? stop : host.now + .seconds(1)
    paused.append(PausedPartition(partition: partition, until: min(host.now + length, limit)))
  }

  private func resumeWhatIsDue() async throws {
    let now = host.now
    let due = paused.filter { $0.until <= now }.map(\.partition)
    paused.removeAll { $0.until <= now }
    for partition in due { try await resume(partition) }
  }

  private func resume(_ partition: TopicPartition) async throws {
    host.emit(WorkloadEvent.partitionPaused(partition, false))
    do throws(ConsumerError) {
      try await consumer.resume(partition)
    } catch {
      // Whoever reads it now has not paused it.
      try requireNotAssigned(error)
    }
  }

  // MARK: What cannot be read

  /// Tells of records that cannot be read and goes on with the other partitions; later it tries again.
  ///
  /// - Throws: The error itself, where it is another one or the application ends at it.
  func leaveAlone(_ error: ConsumerError) async throws {
    guard let wait = group.rereadAfter, let partition = error.unreadablePartition else { throw error }
    host.emit(WorkloadEvent.unreadable(group: group.client.group, error))
    try await pause(partition, for: wait)
  }
}

/// A partition that an application has paused.
struct PausedPartition: Sendable {
  var partition: TopicPartition
  /// When it is to be resumed.
  var until: VirtualTime
}

extension ConsumerError {
  /// The partition whose next records cannot be read; nil when the error says something else.
  var unreadablePartition: TopicPartition? {
    switch self {
    case .hole(let partition, _, _), .damaged(let partition, _, _): partition
    default: nil
    }
  }

  /// The offset that cannot be read.
  var unreadableOffset: UInt64? {
    switch self {
    case .hole(_, let offset, _), .damaged(_, let offset, _): offset
    default: nil
    }
  }
}
