import Simulation

@testable import Nodes
@testable import Scenarios

/// A history of transactions told by hand. Pipelines on `producer-1` make records of `orders` into records of `priced`.
///
/// Records are named by their producer's number and their own; plain ones are those of producer 9.
struct TransactionStory {
  static let orders = TopicPartition(topic: TopicID(rawValue: 1), index: 0)
  static let priced = TopicPartition(topic: TopicID(rawValue: 2), index: 0)
  static let otherPriced = TopicPartition(topic: TopicID(rawValue: 2), index: 1)
  static var labels: Labels {
    Labels(
      partition: { "\(["", "orders", "priced"][Int($0.topic.rawValue)])/\($0.index)" },
      host: { Story.hosts[Int($0.rawValue)] })
  }

  private(set) var history = History()
  private var checks = TransactionChecks()
  private(set) var found = ViolationList()
  private var event: UInt64 = 0

  private mutating func stamp(_ seconds: Int64, on host: String) -> EventStamp {
    event += 1
    return .told(event, seconds, on: host)
  }

  /// A transaction of a pipeline, by its number.
  static func transaction(_ number: UInt64, of pipeline: UInt32 = 1) -> TransactionID {
    TransactionID(producer: ProducerIdentity(id: UInt64(pipeline), epoch: 0), number: number)
  }

  static func content(_ producer: UInt32, _ number: UInt64) -> UInt64 {
    WorkloadRecord(producer: producer, number: number).identity
  }

  // MARK: What pipelines do

  mutating func begin(_ seconds: Int64, _ number: UInt64, of pipeline: UInt32 = 1) {
    let stamp = stamp(seconds, on: "producer-1")
    checks.observe(.began(producer: pipeline, Self.transaction(number, of: pipeline)), stamp)
  }

  /// A pipeline is handed what an offset holds, and makes a record of it.
  mutating func handle(
    _ seconds: Int64, _ number: UInt64, of pipeline: UInt32 = 1, at offset: UInt64,
    in partition: TopicPartition = TransactionStory.orders, content: UInt64? = nil, making output: UInt64
  ) {
    let stamp = stamp(seconds, on: "producer-1")
    let record = HandledRecord(
      partition: partition, offset: offset, content: content ?? Self.content(9, offset),
      output: Self.content(pipeline, output))
    checks.observe(.handled(producer: pipeline, Self.transaction(number, of: pipeline), [record]), stamp)
  }

  mutating func isTold(_ seconds: Int64, _ number: UInt64, _ outcome: TransactionOutcome, of pipeline: UInt32 = 1) {
    let stamp = stamp(seconds, on: "producer-1")
    checks.observe(.told(producer: pipeline, Self.transaction(number, of: pipeline), outcome), stamp)
  }

  mutating func end(_ seconds: Int64, _ number: UInt64, _ outcome: TransactionOutcome, of pipeline: UInt32 = 1) {
    let stamp = stamp(seconds, on: "metadata")
    checks.observe(.ended(Self.transaction(number, of: pipeline), outcome, .asAsked), stamp, Self.labels, &found)
  }

  mutating func recovers(_ seconds: Int64, knowing ended: [EndedTransaction]) {
    let stamp = stamp(seconds, on: "metadata")
    checks.observe(.recovered(ended), stamp, Self.labels, &found)
  }

  /// A transaction from begin to end that handles one order, at the offset of its output's number.
  mutating func run(
    _ seconds: ClosedRange<Int64>, _ number: UInt64, of pipeline: UInt32 = 1, output: UInt64,
    _ outcome: TransactionOutcome = .committed
  ) {
    begin(seconds.lowerBound, number, of: pipeline)
    handle(seconds.lowerBound, number, of: pipeline, at: output, making: output)
    end(seconds.upperBound, number, outcome, of: pipeline)
  }

  // MARK: What others do

  mutating func send(_ number: UInt64, _ outcome: DeliveryOutcome, attempts: Int = 1) {
    let start = stamp(1, on: "producer-1")
    history.observe(.producerStarted(producer: 9, group: 0), start)
    let tags = [Self.content(9, number)]
    let closing = stamp(1, on: "producer-1")
    history.observe(
      .batchClosed(producer: 9, ClosedBatch(partition: Self.orders, tags: tags, gathered: .zero)), closing)
    let delivery = stamp(2, on: "producer-1")
    history.observe(
      .batchDelivered(
        producer: 9,
        DeliveredBatch(
          partition: Self.orders, tags: tags, outcome: outcome, attempts: attempts, appendedAt: .start)), delivery)
  }

  mutating func poll(
    _ seconds: Int64, _ contents: [UInt64], of partition: TopicPartition = TransactionStory.priced,
    from first: UInt64 = 0,
    _ isolation: Isolation = .readCommitted
  ) {
    let records = contents.enumerated().map { ObservedRecord(offset: first + UInt64($0.offset), content: $0.element) }
    let stamp = stamp(seconds, on: "consumer-1")
    checks.polled(
      PolledRecords(
        group: "readers", partition: partition, first: first, end: first + UInt64(contents.count), contents: records,
        isolation: isolation), stamp, history, Self.labels, &found)
  }

  /// Judges, with what each partition holds from offset 0 on.
  mutating func finish(
    orders: [UInt64] = [], priced: [UInt64] = [], otherPriced: [UInt64] = [], hasReader: Bool = false,
    pipelines: Int = 0, isAtRest: Bool = true, networkDuplicates: Bool = false
  ) {
    func observed(_ contents: [UInt64]) -> [ObservedRecord] {
      contents.enumerated().map { ObservedRecord(offset: UInt64($0.offset), content: $0.element) }
    }
    let (from, to) = (Self.orders.topic, Self.priced.topic)
    let end = TransactionChecks.End(
      pipelines: (0..<pipelines).map { ExactlyOnceCheck.Pipeline(group: "pipe-\($0)", from: from, to: to) },
      readers: hasReader ? [VisibilityCheck.Reader(group: "readers", topic: to)] : [], at: .start + .seconds(60),
      isAtRest: isAtRest, networkDuplicates: networkDuplicates)
    checks.finish(end, history, Self.labels, &found) { body in
      body(Self.orders, observed(orders))
      body(Self.priced, observed(priced))
      body(Self.otherPriced, observed(otherPriced))
    }
  }

  var broken: [InvariantName] { found.broken }
  var summaries: [String] { found.all.map(\.summary) }
}
