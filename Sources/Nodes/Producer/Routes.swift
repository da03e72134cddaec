import Simulation

/// What a client knows of who leads which partition: asked of the metadata service, corrected by what agents answer.
final class Routes {
  private let host: Host
  private let metadata: HostID
  private let topicName: String
  private var leaders: [HostID?] = []
  private var refreshing: Promise<Void>?
  private(set) var topic: TopicID?

  init(host: Host, metadata: HostID, topic: String) {
    self.host = host
    self.metadata = metadata
    topicName = topic
  }

  var partitionCount: Int { leaders.count }

  /// The agent that leads a partition, as far as is known; asks when it is not.
  func leader(of partition: TopicPartition) async throws -> HostID? {
    if let known = leaders[Int(partition.index)] { return known }
    try await refresh()
    return leaders[Int(partition.index)]
  }

  /// An agent said that it does not lead this partition, or did not answer.
  func forget(_ partition: TopicPartition, _ leader: HostID) {
    if leaders[Int(partition.index)] == leader { leaders[Int(partition.index)] = nil }
  }

  /// An agent said who leads this partition after it.
  func redirect(_ partition: TopicPartition, from leader: HostID, to successor: HostID) {
    let known = leaders[Int(partition.index)]
    if known == leader || known == nil { leaders[Int(partition.index)] = successor }
  }

  /// Asks the metadata service once, however many callers want to know at the same time.
  ///
  /// - Throws: ``ProducerError/noSuchTopic(_:)``, ``HostCrashed``. A service that does not answer is no error: nothing new is known then.
  func refresh() async throws {
    if let refreshing { return try await refreshing.value }
    let promise = Promise<Void>(on: host, "the topic's description")
    refreshing = promise
    defer { refreshing = nil }
    do {
      let answer = try await host.call(DescribeTopic(name: topicName), to: metadata, deadline: .seconds(2))
      if let topic, topic != answer.topic {
        // Another topic has the name by now: the one that this client writes to is gone.
        promise.fail(ProducerError.noSuchTopic(topicName))
        throw ProducerError.noSuchTopic(topicName)
      }
      topic = answer.topic
      leaders = answer.partitions.map(\.leader)
      promise.succeed(())
    } catch MetadataError.noSuchTopic {
      promise.fail(ProducerError.noSuchTopic(topicName))
      throw ProducerError.noSuchTopic(topicName)
    } catch is MetadataError {
      promise.succeed(())
    } catch is NetworkError {
      promise.succeed(())
    }
  }
}
