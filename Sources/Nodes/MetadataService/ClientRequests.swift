import Simulation

/// What producers and consumers ask: topics, manifests, positions, identities.
extension MetadataService {
  nonisolated func serveClients() {
    serve(DescribeTopic.self) { service, request, _ in try await service.describe(request) }
    serve(DescribePartition.self) { service, request, _ in try await service.describe(request) }
    serve(FetchManifest.self) { service, request, _ in try await service.manifest(request) }
    serve(CommitOffsets.self) { service, request, _ in try await service.commitOffsets(request) }
    serve(FetchOffsets.self) { service, request, _ in try await service.fetchOffsets(request) }
    serve(InitializeProducer.self) { try await $0.initializeProducer($1, from: $2) }
  }

  private func describe(_ request: DescribeTopic) async throws -> DescribeTopic.Response {
    try begin()
    guard let topic = state.topics.topic(named: request.name) else { throw MetadataError.noSuchTopic }
    let partitions = topic.partitions.enumerated().map { index, row in
      PartitionDescription(
        leader: leader(of: TopicPartition(topic: topic.id, index: UInt32(index))), epoch: row.epoch,
        logStart: row.logStart, watermark: row.watermark)
    }
    try await journal.settled()
    return DescribeTopic.Response(topic: topic.id, partitions: partitions)
  }

  private func describe(_ request: DescribePartition) async throws -> DescribePartition.Response {
    try begin()
    let leader = leader(of: request.partition)
    let description = try read(request.partition) { row in
      PartitionDescription(leader: leader, epoch: row.epoch, logStart: row.logStart, watermark: row.watermark)
    }
    try await journal.settled()
    return DescribePartition.Response(description: description)
  }

  private func manifest(_ request: FetchManifest) async throws -> FetchManifest.Response {
    try begin()
    try await awaitSegment(request.partition, at: request.from, request.isolation, atMost: request.waitAtMost)
    let answer = try read(request.partition) { row in
      let first = row.firstSegment(endingAfter: request.from)
      let end = row.end(request.isolation)
      let rows = row.segments[first...].prefix(min(max(request.limit, 1), 1_000)).prefix { $0.base < end }
      var answer = FetchManifest.Response(rows: Array(rows), logStart: row.logStart, watermark: row.watermark)
      answer.lastStableOffset = row.lastStableOffset
      if request.isolation == .readCommitted, request.from < end {
        answer.aborted = row.transactions.aborted(
          within: OffsetRange(first: request.from, end: min(end, rows.last?.end ?? end)))
      }
      return answer
    }
    try await journal.settled()
    return answer
  }

  private func commitOffsets(_ request: CommitOffsets) async throws -> CommitOffsets.Response {
    try begin()
    for offset in request.offsets { try read(offset.partition) { _ in } }
    commit(.offsetsCommitted(group: request.group, request.offsets), announcing: nil)
    for offset in request.offsets {
      journal.announce(.offsetCommitted(group: request.group, offset.partition, offset: offset.offset))
    }
    try await journal.settled()
    return CommitOffsets.Response()
  }

  private func fetchOffsets(_ request: FetchOffsets) async throws -> FetchOffsets.Response {
    try begin()
    let offsets = request.partitions.compactMap { partition in
      state.positions[request.group, partition].map { CommittedOffset(partition: partition, offset: $0) }
    }
    try await journal.settled()
    return FetchOffsets.Response(offsets: offsets)
  }

  private func initializeProducer(
    _ request: InitializeProducer, from sender: Sender
  ) async throws -> InitializeProducer.Response {
    try begin()
    let known = state.producers[request.name]
    if let known, let earlier = known.taker(sender.host) {
      let isOlder = earlier.incarnation > sender.incarnation
      if isOlder || (earlier.incarnation == sender.incarnation && earlier.request > request.request) {
        throw MetadataError.staleRequest
      }
      if earlier.incarnation == sender.incarnation && earlier.request == request.request {
        guard earlier.identity == known.identity else {
          throw MetadataError.producerFenced(current: known.identity.epoch)
        }
        try await journal.settled()
        return InitializeProducer.Response(identity: known.identity)
      }
    }
    if let held = request.replacing, held != known?.identity {
      throw known.map { .producerFenced(current: $0.identity.epoch) } ?? MetadataError.invalid
    }
    let open = known.flatMap { state.transactions.open(of: $0.identity.id) }
    let identity =
      known.map { ProducerIdentity(id: $0.identity.id, epoch: $0.identity.epoch + 1) }
      ?? ProducerIdentity(id: state.producers.nextIdentity, epoch: 0)
    let producer = MetadataState.NamedProducer(
      identity: identity, by: sender.host, incarnation: sender.incarnation, request: request.request)
    commit(.producerInitialized(name: request.name, producer), announcing: nil)
    fenceTransactions(open)
    try await journal.settled()
    return InitializeProducer.Response(identity: identity)
  }
}
