import Simulation
import Storage

/// How an agent brings to safety what its log holds and its epoch did not register: at its start what an earlier incarnation left, later what a lost leadership left.
extension Agent {
  func recoverLogs() {
    var found: [HeldLease] = []
    for name in host.disk.names(prefix: SegmentNaming.logPrefix) {
      guard let lease = SegmentNaming.parseLog(name), !found.contains(lease) else { continue }
      found.append(lease)
    }
    for lease in found { handOverLog(lease) }
  }

  /// Hands over the log of an epoch that is no longer led here.
  func handOverLog(_ lease: HeldLease) {
    let prefix = SegmentNaming.log(lease.partition, epoch: lease.epoch, base: 0).dropLast(24)
    guard !host.disk.names(prefix: String(prefix)).isEmpty else { return }
    handovers += 1
    host.spawn("hand over log", on: self) { agent in
      try await agent.handOver(lease, prefix: String(prefix))
      agent.handovers -= 1
    }
  }

  // read the files -> make the epoch final -> store what it did not register -> remove the files
  private func handOver(_ lease: HeldLease, prefix: String) async throws {
    let files = host.disk.names(prefix: prefix)
    var entries: [LogEntry] = []
    var torn = 0
    for file in files {
      let recovery = WriteAheadLog.recover(try await host.disk.read(file))
      entries += recovery.entries
      torn += recovery.tornTail
    }
    if torn > 0 { host.probe(.logTornTailDropped) }
    let registeredEnd = try await fence(lease)
    let left = unregistered(entries, registeredEnd)
    host.emit(
      ClusterEvent.logRecovered(
        lease.partition, epoch: lease.epoch, entries: entries.count, registered: entries.count - left.count,
        tornBytes: torn))
    for entry in left { try await store(entry, lease) }
    if !left.isEmpty {
      host.emit(ClusterEvent.logHandedOver(lease.partition, epoch: lease.epoch, entries: left.count))
    }
    for file in files { try await host.disk.remove(file) }
  }

  private func unregistered(_ entries: [LogEntry], _ registeredEnd: UInt64?) -> [LogEntry] {
    switch configuration.behaviour.logReplay {
    case .original where !OriginalLogUse.skipsRegistered: return entries
    case .original, .whatIsNotRegistered:
      let left = entries.filter { $0.offset >= registeredEnd ?? 0 }
      if left.count < entries.count { host.probe(.logEntrySkippedAsRegistered) }
      return left
    }
  }

  /// Makes sure that the epoch is over and learns what it registered; only then "not registered" is final.
  private func fence(_ lease: HeldLease) async throws -> UInt64? {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while true {
      do {
        return try await host.call(
          FenceEpoch(lease: lease), to: addresses.metadata, deadline: configuration.metadataTimeout
        ).registeredEnd
      } catch is MetadataError {
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  /// Stores an entry with the current leader, once, however often it has to be sent.
  private func store(_ entry: LogEntry, _ lease: HeldLease) async throws {
    var request = Produce(
      partition: lease.partition, batch: entry.batch, producer: .log(of: host.id, epoch: lease.epoch),
      sequence: entry.offset, acknowledgement: .durable)
    if configuration.behaviour.logReplay == .original { request.producer = nil }
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while true {
      do {
        let description = try await host.call(
          DescribePartition(partition: lease.partition), to: addresses.metadata,
          deadline: configuration.metadataTimeout
        ).description
        if let leader = description.leader {
          _ = try await host.call(request, to: leader, deadline: configuration.uploadTimeout)
          host.probe(.logEntryHandedOver)
          return
        }
      } catch is ProduceError {
      } catch is MetadataError {
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }
}
