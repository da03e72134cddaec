import Simulation

/// A topic that a producer writes to, with who leads its partitions as far as is known. Sendable because it never leaves its host.
final class RoutedTopic: @unchecked Sendable {
  let name: String
  /// Nil until the metadata service has answered.
  var id: TopicID?
  var lanes: [Lane] = []
  /// By partition; nil where nobody is known to lead.
  var leaders: [HostID?] = []
  var askedAt = VirtualTime.start
  /// How often in a row the answer left out a leader that is needed, and before when it is not asked for again.
  var fruitlessQuestions = 0
  var askAgainAt = VirtualTime.start
  /// Settled when the answer to the question under way is there, or when there is none.
  var asking: Promise<Void>?
  /// Whether there is no such topic, or another of the same name.
  var isGone = false

  init(name: String) { self.name = name }
}

/// What a producer knows of who leads which partition: asked of the metadata service, corrected by what agents answer.
extension Producer {
  /// The topic of this name, with its lanes; waits until the metadata service has told of it.
  func connected(to name: String) async throws -> RoutedTopic {
    var retries = 0
    while true {
      let topic = topic(named: name)
      if topic.id != nil { return topic }
      try await askForLeaders(of: topic).value
      if topic.isGone {
        host.probe(.unknownTopicRefused)
        throw ProducerError.noSuchTopic(name)
      }
      if topic.id != nil { return topic }
      let wait = configuration.retry.spreadWait(beforeRetry: retries, &randomness)
      retries += 1
      try await host.sleep(for: wait)
    }
  }

  private func topic(named name: String) -> RoutedTopic {
    if let known = topics[name] { return known }
    let topic = RoutedTopic(name: name)
    topics[name] = topic
    return topic
  }

  /// Asks the metadata service who leads, once for all who want to know at the same time. The promise is settled when the answer is there, or when there is none.
  @discardableResult
  func askForLeaders(of topic: RoutedTopic) -> Promise<Void> {
    if let asking = topic.asking { return asking }
    let promise = Promise<Void>(on: host, "the topic's description")
    topic.asking = promise
    topic.askedAt = host.now
    host.spawn("ask for leaders", on: self) { producer in
      try await producer.refresh(topic)
      topic.asking = nil
      promise.succeed(())
      producer.answered(topic)
    }
    return promise
  }

  /// Those who waited for a leader are looked at again; where there is still none, it is asked for after a while.
  private func answered(_ topic: RoutedTopic) {
    let waiting = topic.lanes.filter { !$0.queue.isEmpty }
    if waiting.contains(where: { $0.leader == nil }) {
      let wait = min(
        configuration.retry.spreadWait(beforeRetry: topic.fruitlessQuestions, &randomness), Self.longestQuestionWait)
      topic.askAgainAt = host.now + wait
      topic.fruitlessQuestions += 1
    } else {
      topic.fruitlessQuestions = 0
    }
    for lane in waiting { mark(lane) }
  }

  /// A partition without a leader gets one within seconds: who waits for it asks at least so often.
  private static let longestQuestionWait = VirtualDuration.milliseconds(500)

  private func refresh(_ topic: RoutedTopic) async throws {
    do {
      let answer = try await host.call(DescribeTopic(name: topic.name), to: metadata, deadline: .seconds(2))
      take(answer, of: topic)
    } catch MetadataError.noSuchTopic {
      isGone(topic)
    } catch is MetadataError {
    } catch is NetworkError {
    }
  }

  private func take(_ answer: DescribeTopic.Response, of topic: RoutedTopic) {
    if let id = topic.id, id != answer.topic {
      // The topic was deleted and made anew: what waits for the old one has nowhere to go.
      isGone(topic)
      return
    }
    topic.id = answer.topic
    topic.leaders = answer.partitions.map(\.leader)
    for index in topic.lanes.count..<max(topic.lanes.count, topic.leaders.count) {
      topic.lanes.append(
        Lane(partition: TopicPartition(topic: answer.topic, index: UInt32(index)), topic: topic))
    }
  }

  private func isGone(_ topic: RoutedTopic) {
    topic.isGone = true
    topics[topic.name] = nil
    if !topic.lanes.isEmpty { goneTopics.append(topic) }
  }

  /// An agent said that it does not lead this partition, or did not answer.
  func forget(_ leader: HostID, of lane: Lane) {
    if lane.leader == leader { lane.leader = nil }
  }

  /// An agent said who leads this partition after it.
  func redirect(_ lane: Lane, from leader: HostID, to successor: HostID) {
    if lane.leader == leader || lane.leader == nil { lane.leader = successor }
  }
}
