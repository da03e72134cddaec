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
    logHandovers[lease.partition, default: 0] += 1
    host.spawn("hand over log", on: self) { agent in
      try await agent.handOver(lease, prefix: String(prefix))
      let left = agent.logHandovers[lease.partition, default: 1] - 1
      agent.logHandovers[lease.partition] = left > 0 ? left : nil
    }
  }

  // read the files -> make the epoch final -> store what it did not register -> remove the files
  private func handOver(_ lease: HeldLease, prefix: String) async throws {
    let files = host.disk.names(prefix: prefix)
    var entries: [LogEntry] = []
    var torn = 0
    for file in files {
      guard let bytes = try await content(of: file) else { continue }
      let recovery = WriteAheadLog.recover(bytes)
      entries += recovery.entries
      torn += recovery.tornTail
    }
    // What was logged last may have the lowest offsets.
    entries.sort { $0.offset < $1.offset }
    if torn > 0 { host.probe(.logTornTailDropped) }
    do {
      try await bringToSafety(entries, torn, lease)
    } catch MetadataError.topicDeleted {
      // Nobody can read it any more, and its identifier never comes back.
      host.probe(.logOfDeletedTopicDropped)
    }
    for file in files { try await host.disk.remove(file) }
  }

  private func bringToSafety(_ entries: [LogEntry], _ torn: Int, _ lease: HeldLease) async throws {
    let registeredEnd = try await fence(lease)
    let left = unregistered(entries, registeredEnd)
    host.emit(
      ClusterEvent.logRecovered(
        lease.partition, epoch: lease.epoch, entries: entries.count, registered: entries.count - left.count,
        tornBytes: torn))
    try await store(left, lease)
    if !left.isEmpty {
      host.emit(ClusterEvent.logHandedOver(lease.partition, epoch: lease.epoch, entries: left.count))
    }
  }

  /// A log file's bytes; nil when it has gone meanwhile, as the log of a segment does that has just been registered.
  private func content(of file: String) async throws -> [UInt8]? {
    do {
      return try await host.disk.read(file)
    } catch is DiskError {
      return nil
    }
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
      } catch MetadataError.topicDeleted {
        throw MetadataError.topicDeleted
      } catch is MetadataError {
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  /// Stores entries with the current leader, each once, however often it has to be sent.
  private func store(_ entries: [LogEntry], _ lease: HeldLease) async throws {
    var left = entries[...]
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while !left.isEmpty {
      let group = left.prefix(groupLength(left))
      do {
        if try await send(group, lease) {
          host.probe(.logEntryHandedOver)
          left = left.dropFirst(group.count)
          backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
          continue
        }
      } catch ProduceError.outOfSequence(let expected) {
        // An earlier try, perhaps of an earlier incarnation, got so far.
        left = left.drop { $0.endOffset <= expected }
        continue
      } catch is ProduceError {
      } catch MetadataError.topicDeleted {
        throw MetadataError.topicDeleted
      } catch is MetadataError {
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  /// How many entries go into one batch: one at least, else up to a size that any segment takes.
  private func groupLength(_ entries: ArraySlice<LogEntry>) -> Int {
    let limit = min(configuration.segmentBytes / 2, 1 << 20)
    var size = 0
    var length = 0
    for entry in entries {
      size += entry.batch.estimatedSize
      if length > 0 && size > limit { break }
      length += 1
    }
    return length
  }

  /// One try to store a group of entries as one batch; tells whether a leader took it.
  private func send(_ group: ArraySlice<LogEntry>, _ lease: HeldLease) async throws -> Bool {
    guard let first = group.first, let last = group.last else { return true }
    let description = try await host.call(
      DescribePartition(partition: lease.partition), to: addresses.metadata, deadline: configuration.metadataTimeout
    ).description
    guard let leader = description.leader else {
      try await leadForOwnLog(lease.partition)
      return false
    }
    var builder = RecordBatchBuilder()
    for entry in group {
      entry.batch.forEach { _, timestamp, key, value in builder.append(timestamp: timestamp, key: key, value: value) }
    }
    var request = Produce(
      partition: lease.partition, batch: EncodedBatch(builder.finish()),
      producer: .log(of: host.id, epoch: lease.epoch),
      sequence: first.offset, acknowledgement: .durable)
    request.sequenceCount = last.endOffset - first.offset
    if configuration.behaviour.logReplay == .original { request.producer = nil }
    _ = try await host.call(request, to: leader, deadline: configuration.uploadTimeout)
    return true
  }

  /// Where all agents are leaving none takes new partitions: whoever has a log for one that nobody leads would wait for ever. It takes that partition's lease, as if it stayed, and gives it back when the log is stored.
  private func leadForOwnLog(_ partition: TopicPartition) async throws {
    guard let leavingSince, host.now - leavingSince >= configuration.leavingPatience,
      leaders[partition] == nil, acquiring.insert(partition).inserted
    else { return }
    _ = try await asksForLease(partition)
    acquiring.remove(partition)
    leadershipsChanged.notify()
  }
}
