import Simulation

/// How old segments go: their rows by the topic's limits, their objects a reader grace later.
extension MetadataService {
  /// Every object that has to go and every open intent gets its full time from now on.
  func resumeMaintenance() {
    for key in state.removals.keys { removalsKnown[key] = host.now }
    for partition in state.topics.partitions {
      let isOpen = state.topics.read(partition) { $0.intent != nil } ?? false
      if isOpen { intentEnds[partition] = host.now + configuration.compactionTerm }
    }
  }

  /// Looks again and again for segments that have to go, until the host crashes.
  func retain() async throws {
    for await _ in host.ticks(every: configuration.retentionInterval) {
      for topic in state.topics.topics(after: nil) {
        guard topic.settings.retentionTime != nil || topic.settings.retentionBytes != nil else { continue }
        for index in topic.partitions.indices {
          retain(TopicPartition(topic: topic.id, index: UInt32(index)), topic.settings)
        }
      }
    }
  }

  private func retain(_ partition: TopicPartition, _ settings: TopicSettings) {
    let now = serviceTime
    let range = state.topics.read(partition) { row -> (from: UInt64, to: UInt64)? in
      let expired = row.segments.prefix { $0.end <= row.lastStableOffset && settings.isExpired($0, at: now) }
      var count = expired.count
      if count > 0 { host.probe(.retentionByTime) }
      if let limit = settings.retentionBytes {
        var size = row.segments[count...].reduce(0) { $0 + $1.size }
        while count < row.segments.count, size - row.segments[count].size >= limit,
          row.segments[count].end <= row.lastStableOffset
        {
          size -= row.segments[count].size
          count += 1
          host.probe(.retentionByBytes)
        }
      }
      return count > 0 ? (row.logStart, row.segments[count - 1].end) : nil
    }
    guard let range = range ?? nil else { return }
    commit(
      .topic(.logStartRaised(partition, to: range.to)),
      announcing: .logStartRaised(partition, from: range.from, to: range.to))
  }
}

extension TopicSettings {
  fileprivate func isExpired(_ row: SegmentRow, at now: UInt64) -> Bool {
    guard let retentionTime else { return false }
    return now >= row.registeredAt + UInt64(retentionTime.nanoseconds / 1_000_000)
  }
}
