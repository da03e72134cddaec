import Simulation

/// What producers and consumers ask: topics, manifests, identities.
extension MetadataService {
  nonisolated func serveClients() {
    serve(DescribeTopic.self) { service, request, _ in try await service.describe(request) }
    serve(DescribePartition.self) { service, request, _ in try await service.describe(request) }
    serve(FetchManifest.self) { service, request, _ in try await service.manifests(request) }
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
    return DescribeTopic.Response(topic: topic.id, partitions: partitions, settings: topic.settings)
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
