import Simulation

/// What administrators ask: topics made, deleted, changed, listed.
extension MetadataService {
  nonisolated func serveAdministrators() {
    serve(CreateTopic.self) { try await $0.createTopic($1, from: $2) }
    serve(DeleteTopic.self) { service, request, _ in try await service.deleteTopic(request) }
    serve(AlterTopic.self) { try await $0.alterTopic($1, from: $2) }
    serve(ListTopics.self) { service, request, _ in try await service.listTopics(request) }
  }

  private func createTopic(_ request: CreateTopic, from sender: Sender) async throws -> CreateTopic.Response {
    try begin()
    let grant = MetadataState.Grant(
      to: AgentIncarnation(agent: sender.host, incarnation: sender.incarnation), request: request.request)
    if let earlier = try repeated(grant) {
      try await journal.settled()
      return CreateTopic.Response(topic: earlier)
    }
    if let known = state.topics.topic(named: request.name) { throw MetadataError.topicExists(known.id) }
    if let problem = problem(with: request) { throw MetadataError.invalidTopic(problem) }
    let topic = state.topics.nextID
    let logStarts = Array(repeating: UInt64(0), count: request.partitions)
    if wasUsed(request.name) { host.probe(.topicNameUsedAgain) }
    commit(
      .topicCreated(name: request.name, logStarts: logStarts, settings: request.settings, by: grant),
      announcing: .topicCreated(topic, name: request.name, logStarts: logStarts))
    journal.announce(.topicConfigured(topic, request.settings))
    try await journal.settled()
    return CreateTopic.Response(topic: topic)
  }

  /// The topic that an administrator's repeated request was answered with; nil for a new request.
  private func repeated(_ grant: MetadataState.Grant) throws(MetadataError) -> TopicID? {
    guard let latest = state.administration.latestRequest(of: grant.to.agent) else { return nil }
    let isOlder = latest.request.to.incarnation > grant.to.incarnation
    if isOlder || (latest.request.to == grant.to && latest.request.request > grant.request) { throw .staleRequest }
    return latest.request == grant ? latest.topic : nil
  }

  private func problem(with request: CreateTopic) -> TopicProblem? {
    if !request.hasValidName { return .name }
    guard (1...configuration.partitionLimit).contains(request.partitions) else {
      return .partitions(atMost: configuration.partitionLimit)
    }
    if !request.settings.areValid { return .settings }
    if state.topics.count >= configuration.topicLimit { return .tooManyTopics(limit: configuration.topicLimit) }
    guard state.topics.partitionCount + request.partitions <= configuration.partitionTotalLimit else {
      return .tooManyPartitions(limit: configuration.partitionTotalLimit)
    }
    return nil
  }

  private func wasUsed(_ name: String) -> Bool { deletedNames.contains(name) }

  private func deleteTopic(_ request: DeleteTopic) async throws -> DeleteTopic.Response {
    try begin()
    guard let topic = state.topics[request.topic] else {
      guard state.topics.isDeleted(request.topic) else { throw MetadataError.noSuchTopic }
      try await journal.settled()
      return DeleteTopic.Response()
    }
    let partitions = topic.partitions.indices.map { TopicPartition(topic: topic.id, index: UInt32($0)) }
    if partitions.contains(where: { leader(of: $0) != nil }) { host.probe(.topicDeletedUnderLease) }
    deletedNames.insert(topic.name)
    commit(.topic(.deleted(topic.id)), announcing: .topicDeleted(topic.id))
    for partition in partitions {
      leaseEnds[partition] = nil
      intentEnds[partition] = nil
      // Whoever waits for a segment learns that there will be none.
      segmentArrived(partition)
    }
    try await journal.settled()
    return DeleteTopic.Response()
  }

  private func alterTopic(_ request: AlterTopic, from sender: Sender) async throws -> AlterTopic.Response {
    try begin()
    let grant = MetadataState.Grant(
      to: AgentIncarnation(agent: sender.host, incarnation: sender.incarnation), request: request.request)
    if try repeated(grant) == nil {
      guard state.topics[request.topic] != nil else {
        throw state.topics.isDeleted(request.topic) ? MetadataError.topicDeleted : .noSuchTopic
      }
      guard request.settings.areValid else { throw MetadataError.invalidTopic(.settings) }
      commit(
        .topic(.altered(request.topic, request.settings, by: grant)),
        announcing: .topicConfigured(request.topic, request.settings))
    }
    try await journal.settled()
    return AlterTopic.Response()
  }

  private func listTopics(_ request: ListTopics) async throws -> ListTopics.Response {
    try begin()
    let limit = min(max(request.limit, 1), 1_000)
    let page = state.topics.topics(after: request.after).prefix(limit + 1).map { topic in
      TopicSummary(topic: topic.id, name: topic.name, partitions: topic.partitions.count, settings: topic.settings)
    }
    try await journal.settled()
    return ListTopics.Response(topics: Array(page.prefix(limit)), isTruncated: page.count > limit)
  }
}

extension CreateTopic {
  fileprivate var hasValidName: Bool {
    let bytes = name.utf8
    guard !bytes.isEmpty, bytes.count <= Self.longestName, name != ".", name != ".." else { return false }
    return bytes.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
      default: false
      }
    }
  }
}

extension TopicSettings {
  /// Whether the limits leave something to keep.
  var areValid: Bool {
    (retentionTime.map { $0 > .zero } ?? true) && (retentionBytes.map { $0 > 0 } ?? true)
      && tombstoneRetention >= .zero
  }
}
