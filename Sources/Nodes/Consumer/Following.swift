import Simulation
import Storage

/// How a consumer learns which topics, positions and segments there are.
extension Consumer {
  /// How many segments of a partition are known ahead before no more are asked for.
  private static let mostSegmentsAhead = 256
  private static let segmentsPerAnswer = 32

  // MARK: Start

  func describeTopics() async throws -> [SubscribedTopic] {
    var topics: [SubscribedTopic] = []
    for name in subscription.topicNames {
      do {
        let topic = try await persistently { [self] in
          try await host.call(
            DescribeTopic(name: name), to: addresses.metadata, deadline: configuration.metadataTimeout)
        }
        topics.append(SubscribedTopic(name: name, id: topic.topic, partitions: topic.partitions.count))
      } catch MetadataError.noSuchTopic {
        throw ConsumerError.noSuchTopic(name)
      }
    }
    return topics
  }

  func subscribedPartitions() throws(ConsumerError) -> [TopicPartition] {
    switch subscription {
    case .topics:
      return topics.flatMap { topic in
        (0..<topic.partitions).map { TopicPartition(topic: topic.id, index: UInt32($0)) }
      }
    case .partitions(let named):
      var partitions: [TopicPartition] = []
      for name in named {
        guard let topic = topics.first(where: { $0.name == name.topic }) else { continue }
        guard name.index < topic.partitions else { throw .noSuchPartition(name, count: topic.partitions) }
        partitions.append(TopicPartition(topic: topic.id, index: UInt32(name.index)))
      }
      return partitions
    }
  }

  /// Readers at the stored positions, or where the configuration says without one.
  func makeReaders(_ partitions: [TopicPartition]) async throws -> [PartitionReader] {
    let stored = try await storedPositions(partitions)
    let unknown = partitions.filter { stored[$0] == nil }
    let bounds =
      unknown.isEmpty ? [] : try await manifests(unknown.map { CommittedOffset(partition: $0, offset: .max) })
    return partitions.map { partition in
      if let position = stored[partition] {
        let reader = PartitionReader(partition: partition, position: position, configuration)
        reader.committed = position
        return reader
      }
      let bound = bounds.first { $0.partition == partition }
      let (logStart, watermark) = (bound?.logStart ?? 0, bound?.watermark ?? 0)
      let reader = PartitionReader(
        partition: partition, position: configuration.offsetReset == .earliest ? logStart : watermark,
        configuration)
      reader.logStart = logStart
      reader.watermark = watermark
      if configuration.offsetReset == .none {
        reader.lacksPosition = true
        reader.failure = .noStoredPosition(partition)
      }
      return reader
    }
  }

  private func storedPositions(_ partitions: [TopicPartition]) async throws -> [TopicPartition: UInt64] {
    guard let group = configuration.group, !partitions.isEmpty else { return [:] }
    let answer = try await persistently { [self] in
      try await host.call(
        FetchOffsets(group: group, partitions: partitions), to: addresses.metadata,
        deadline: configuration.metadataTimeout)
    }
    if !answer.offsets.isEmpty { host.probe(.consumerResumedFromCommit) }
    return Dictionary(answer.offsets.map { ($0.partition, $0.offset) }, uniquingKeysWith: { _, last in last })
  }

  /// Lists of segments as they are now.
  func manifests(_ positions: [CommittedOffset]) async throws -> [PartitionManifest] {
    try await persistently { [self] in
      try await host.call(
        manifestRequest(positions, waitAtMost: .zero), to: addresses.metadata, deadline: configuration.metadataTimeout
      ).partitions
    }
  }

  private func manifestRequest(_ positions: [CommittedOffset], waitAtMost: VirtualDuration) -> FetchManifest {
    var request = FetchManifest(positions: positions, limit: Self.segmentsPerAnswer, waitAtMost: waitAtMost)
    request.isolation = configuration.isolation
    return request
  }

  /// Repeats a request until it is answered.
  func persistently<Answer>(_ request: () async throws -> Answer) async throws -> Answer {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while true {
      do {
        return try await request()
      } catch MetadataError.noSuchTopic {
        throw MetadataError.noSuchTopic
      } catch is MetadataError {
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  // MARK: Following

  /// Follows the partitions as they are now; who followed others ends.
  func beginFollowing() {
    session += 1
    guard !readers.isEmpty else { return }
    let session = session
    host.spawn("follow", on: self) { try await $0.follow(session) }
  }

  /// Keeps the lists of segments ahead up to date: one waiting request for all partitions, whether or not anyone polls.
  private func follow(_ session: UInt64) async throws {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while session == self.session {
      let asked = readers.filter { !$0.lacksPosition && $0.segmentsAhead < Self.mostSegmentsAhead }
        .map { CommittedOffset(partition: $0.partition, offset: $0.knownEnd) }
      if asked.isEmpty {
        try await demand.wait(atMost: configuration.fetchWait)
        continue
      }
      let begin = host.now
      do {
        let answer = try await host.call(
          manifestRequest(asked, waitAtMost: configuration.fetchWait), to: addresses.metadata,
          deadline: configuration.fetchWait + configuration.metadataTimeout)
        guard session == self.session else { return }
        let (isGood, ahead) = learn(answer.partitions, asked, askedAt: begin)
        for row in ahead { await objects.prefetch(row) }
        if isGood {
          backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
          continue
        }
      } catch is MetadataError {
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  /// Takes in what was answered. Tells whether the answer is as it should be, else asking again at once would not help, and which segments are to be fetched ahead.
  private func learn(
    _ manifests: [PartitionManifest], _ asked: [CommittedOffset], askedAt: VirtualTime
  ) -> (isGood: Bool, ahead: [SegmentRow]) {
    var isGood = true
    var ahead: [SegmentRow] = []
    for position in asked {
      guard let reader = reader(of: position.partition) else { continue }
      guard let manifest = manifests.first(where: { $0.partition == position.partition }) else {
        reader.failure = .partitionGone(position.partition)
        reader.lacksPosition = true
        arrival.notify()
        continue
      }
      ahead += reader.learn(manifest, askedAt: askedAt)
      if manifest.watermark < position.offset, position.offset == reader.position {
        leftTheLog(reader)
      } else if manifest.rows.isEmpty, manifest.end(configuration.isolation) > position.offset,
        position.offset == reader.position,
        manifest.logStart <= position.offset, configuration.safeguards.contains(.holesAreErrors)
      {
        isGood = false
        reader.failure = .hole(
          reader.partition, offset: position.offset,
          detail: "no segment holds it, although the watermark is \(manifest.watermark)")
        arrival.notify()
      }
      prepare(reader)
      // More of it may be shown now.
      if reader.open != nil { arrival.notify() }
    }
    return (isGood, ahead)
  }

  /// A position that the log does not have: before its start, since old segments are removed, or behind its end, by a seek.
  func leftTheLog(_ reader: PartitionReader) {
    host.probe(.positionOutOfRange)
    switch configuration.offsetReset {
    case .none:
      reader.failure = .offsetOutOfRange(
        reader.partition, offset: reader.position, logStart: reader.logStart, watermark: reader.watermark)
      reader.lacksPosition = true
      arrival.notify()
    case .earliest, .latest:
      let from = reader.position
      reader.jump(to: configuration.offsetReset == .earliest ? reader.logStart : reader.watermark)
      host.emit(
        ConsumerMoved(
          group: configuration.group, partition: reader.partition, from: from, offset: reader.position, reason: .reset))
      beginFollowing()
    }
  }
}
