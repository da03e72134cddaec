import Storage
import Testing

@testable import Nodes
@testable import Simulation

/// A producer on a machine of its own, with what it was told. Sendable because it is confined to its test's thread.
final class TestProducer: @unchecked Sendable {
  let cluster: TestCluster
  let id: HostID
  private(set) var producer: Producer!
  /// The batches that were closed, and when.
  private(set) var closed: [(batch: ClosedBatch, time: VirtualTime)] = []
  /// The batches whose outcome is known, in the order in which it became known.
  private(set) var delivered: [DeliveredBatch] = []
  /// What was appended; a record's tag is its place.
  private(set) var values: [String] = []

  /// Adds a producer to a cluster and starts it.
  ///
  /// - Throws: What its configuration was refused with.
  init(
    on cluster: TestCluster, named name: String = "producer", machine: String? = nil, topic: String = "orders",
    _ change: (inout ProducerConfiguration) -> Void = { _ in }
  ) throws {
    self.cluster = cluster
    var configuration = ProducerConfiguration()
    change(&configuration)
    var refusal: (any Error)?
    var made: Producer?
    let box = Listener()
    id = cluster.addMachine(machine ?? name) { host in
      do {
        let producer = try Producer(
          host: host, name: name, topic: topic, metadata: cluster.metadata, configuration: configuration,
          onClose: { box.producer?.closed.append(($0, cluster.now)) },
          onDelivery: { box.producer?.delivered.append($0) })
        host.provideSnapshot(of: producer) { _ in .list([]) }
        made = producer
      } catch {
        refusal = error
      }
    }
    if let refusal { throw refusal }
    producer = made
    box.producer = self
  }

  /// What the producer tells; it exists before the test's producer does.
  private final class Listener: @unchecked Sendable {
    weak var producer: TestProducer?
  }

  // MARK: What an application does

  /// Appends records and lets time pass until all are taken.
  func append(_ new: String..., key: String? = nil, partition: Int? = nil) throws {
    try appendAll(new, key: key, partition: partition)
  }

  func appendAll(_ new: [String], key: String? = nil, partition: Int? = nil) throws {
    let answer = beginAppend(new, key: key, partition: partition)
    cluster.run(until: "records are taken", within: .seconds(600), step: .microseconds(50)) { answer.isThere }
    try answer.result?.get()
  }

  /// Begins to append records.
  func beginAppend(_ new: [String], key: String? = nil, partition: Int? = nil) -> Answer<Void> {
    let first = UInt64(values.count)
    values += new
    return cluster.begin(on: producer, of: id) { producer in
      for (place, value) in new.enumerated() {
        try await producer.append(
          key: key.map { Array($0.utf8) }, value: Array(value.utf8), timestamp: 1, tag: first + UInt64(place),
          partition: partition)
      }
    }
  }

  /// Sends a record and lets time pass until its outcome is known.
  func send(_ value: String, key: String? = nil, to topic: String? = nil, partition: Int? = nil) throws -> SentRecord {
    let answer = beginSend(value, key: key, to: topic, partition: partition)
    cluster.run(until: "a record is sent", within: .seconds(600), step: .microseconds(50)) { answer.isThere }
    guard let result = answer.result else { throw NoAnswer() }
    return try result.get()
  }

  /// Begins to send a record.
  func beginSend(
    _ value: String, key: String? = nil, to topic: String? = nil, partition: Int? = nil
  ) -> Answer<SentRecord> {
    let tag = UInt64(values.count)
    values.append(value)
    return cluster.begin(on: producer, of: id) { producer in
      try await producer.send(
        to: topic, key: key.map { Array($0.utf8) }, value: Array(value.utf8), tag: tag, partition: partition)
    }
  }

  @discardableResult
  func flush() throws -> DeliverySummary { try cluster.finish(on: producer, of: id) { try await $0.flush() } }
  @discardableResult
  func close() throws -> DeliverySummary { try cluster.finish(on: producer, of: id) { try await $0.close() } }

  // MARK: What it was told

  /// The values of a batch.
  func values(of batch: DeliveredBatch) -> [String] { batch.tags.map { values[Int($0)] } }
  func values(of batch: ClosedBatch) -> [String] { batch.tags.map { values[Int($0)] } }

  /// What became of a value; nil as long as it is open.
  func outcome(of value: String) -> DeliveryOutcome? {
    delivered.first { values(of: $0).contains(value) }?.outcome
  }

  var outcomes: [DeliveryOutcome] { delivered.map(\.outcome) }
}

/// A client that holds a partition's lease and answers batches as a test tells it. Sendable because it is confined to its test's thread.
final class ScriptedLeader: @unchecked Sendable {
  /// What came, and when.
  private(set) var received: [(request: Produce, time: VirtualTime)] = []
  /// What is answered to the request with this number, from 1; nil is silence.
  var answer: (Int, Produce) -> Result<AcknowledgedOffset, ProduceError>? = { number, _ in
    .success(.final(UInt64(number)))
  }

  init(on cluster: TestCluster, client: Int = 0, partition: TopicPartition = .first) throws {
    try cluster.ask(AcquireLease(partition: partition, request: 1), of: cluster.metadata, as: client)
    cluster.serve(OpenConnection.self, as: client) { _, _ in OpenConnection.Response() }
    cluster.serve(Produce.self, as: client) { [unowned cluster] node, request in
      self.received.append((request, cluster.now))
      guard let answer = self.answer(self.received.count, request) else {
        try await node.host.sleep(for: .seconds(10_000))
        throw ProduceError.outcomeUnknown
      }
      return Produce.Response(offset: try answer.get(), isDuplicate: false)
    }
  }

  /// The values of the batches that came, in order.
  var values: [[String]] {
    received.map { $0.request.batch.values }
  }
}
