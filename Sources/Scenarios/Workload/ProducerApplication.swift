import Nodes
import Simulation

/// Sends records at a rate, and tells the history what it sent and what it was told.
actor ProducerApplication {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  private let number: UInt32
  private let group: ProducerGroup
  private let stop: VirtualTime
  let producer: Producer
  private var randomness: RandomGenerator
  private var sent: UInt64 = 0
  /// How many of them the producer did not take.
  private var refused: UInt64 = 0
  private let keys: [[UInt8]]
  /// Where records go; nil leaves that to the producer.
  private let aiming: Aiming?
  private(set) var isFinished = false

  private static let stream = RandomStreamName("workload.producer")
  /// Records that fall due within this time are sent together.
  private static let shortestTick = VirtualDuration.milliseconds(1)

  init(
    host: Host, number: UInt32, groupIndex: Int, group: ProducerGroup, topics: [TopicShape], metadata: HostID,
    stop: VirtualTime
  ) throws(ProducerError) {
    self.host = host
    self.number = number
    self.group = group
    self.stop = stop
    randomness = host.randomness(Self.stream)
    keys = (0..<group.keys).map { Array("key-\($0)".utf8) }
    aiming = Aiming(group, topics: topics)
    producer = try ProducerBuilder(host: host, name: host.name, metadata: metadata, configuration: group.client)
      .topic(group.topic)
      .onClose { host.emit(WorkloadEvent.batchClosed(producer: number, $0)) }
      .onDelivery { host.emit(WorkloadEvent.batchDelivered(producer: number, $0)) }
      .build()
    host.provideSnapshot(of: self) { $0.snapshot }
    host.emit(WorkloadEvent.producerStarted(producer: number, group: groupIndex))
    host.spawn("produce", on: self) { try await $0.run() }
  }

  private var snapshot: Snapshot {
    .fields([
      Snapshot.Field("producer", .number(UInt64(number))),
      Snapshot.Field("sent", .number(sent)),
      Snapshot.Field("isFinished", .number(isFinished ? UInt64(1) : 0)),
    ])
  }

  /// What it sent, and how.
  var figures: ProducerStatistics { producer.assumeIsolated { $0.figures } }

  private func run() async throws {
    if group.begins > .zero { try await host.sleep(for: max(.start + group.begins - host.now, .zero)) }
    try await producer.connect()
    let period = VirtualDuration(nanoseconds: Int64(group.rate.periodNanoseconds / max(group.rate.count, 1)))
    if group.rate.count > 0 { try await send(every: max(period, .nanoseconds(1))) }
    try await producer.flush()
    let told = try await producer.close()
    host.emit(WorkloadEvent.producerClosed(producer: number, sent: sent - refused, told))
    isFinished = true
    host.emit(WorkloadEvent.producerFinished(producer: number))
  }

  private func send(every period: VirtualDuration) async throws {
    // Producers that are alike do not send in step.
    try await host.sleep(for: VirtualDuration(nanoseconds: Int64(randomness.below(UInt64(period.nanoseconds)))))
    let begin = host.now
    let limit = UInt64(group.records ?? .max)
    while host.now < stop && sent < limit {
      let due = UInt64((host.now - begin).nanoseconds / period.nanoseconds) + 1
      // Who had to wait, for the buffer or for an answer, may be behind by more than can be sent before the end.
      while sent < min(due, limit) && host.now < stop { try await sendOne() }
      let next = begin + period * Int64(sent)
      try await host.sleep(for: max(next - host.now, Self.shortestTick))
    }
  }

  private func sendOne() async throws {
    let record = WorkloadRecord(producer: number, number: sent)
    let key = keys.isEmpty ? nil : keys[Int(randomness.below(UInt64(keys.count)))]
    sent += 1
    let value = group.isTombstone(sent - 1) ? [] : record.value(size: group.valueBytes)
    guard let aim = aiming?.next(&randomness) else { return try await send(record, key, value, to: nil) }
    host.emit(WorkloadEvent.recordAimed(producer: number, record: record.identity, aim))
    do {
      try await send(record, key, value, to: aim)
    } catch let error as ProducerError {
      switch error {
      case .noSuchTopic, .noSuchPartition:
        refused += 1
        host.emit(WorkloadEvent.recordRefused(producer: number, record: record.identity, error))
      default: throw error
      }
    }
  }

  private func send(_ record: WorkloadRecord, _ key: [UInt8]?, _ value: [UInt8], to aim: Aim?) async throws {
    if group.waitsForEach { return try await sendAndWait(record, key, value, to: aim) }
    try await producer.append(
      to: aim?.topic, key: key, value: value, timestamp: host.wallClockMilliseconds, tag: record.identity,
      partition: aim?.partition)
  }

  /// Sends a record and waits for its offset, which the history is told.
  private func sendAndWait(_ record: WorkloadRecord, _ key: [UInt8]?, _ value: [UInt8], to aim: Aim?) async throws {
    do {
      let sent = try await producer.send(
        to: aim?.topic, key: key, value: value, tag: record.identity, partition: aim?.partition)
      host.emit(
        WorkloadEvent.recordTold(producer: number, record: record.identity, sent.partition, sent.offset))
    } catch ProducerError.notStored {
      // The batch's outcome tells the history.
    } catch ProducerError.outcomeUnknown {
    }
  }
}
