import DequeModule
import Simulation
import Storage

/// An agent's leadership of one partition under one epoch: takes batches, gathers them in segments, and brings those to the object store and the metadata service, in order.
///
/// take batch -> open segment (+ log) -> sealed segment -> object store -> registered
actor PartitionLeader {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  enum Phase: Equatable {
    /// Takes batches.
    case leading
    /// Takes no more batches, and brings what it has to its end.
    case draining
    /// Takes no more batches and stores nothing more: its epoch is being made final.
    case closing
    /// Does nothing any more.
    case over
  }

  let partition: TopicPartition
  let epoch: Epoch
  let configuration: AgentConfiguration
  let addresses: ClusterAddresses
  var phase = Phase.leading
  /// Until when the lease holds by this host's clock, the margin already taken off.
  var leaseEnd: VirtualTime
  /// Who is to follow, once this leadership takes no more batches.
  var successor: HostID?
  var load = LoadMeter()
  var nextOffset: UInt64
  var open: OpenSegment?
  /// Closed segments in order of their offsets, until they are registered.
  var sealed: Deque<SealedSegment> = []
  var uploading = 0
  var isRegistering = false
  /// Counts for the whole agent, too.
  var unregisteredBytes = 0 {
    didSet { admission.memory += unregisteredBytes - oldValue }
  }
  let admission: Admission
  let gate: UploadGate
  var randomness: RandomGenerator
  /// Tells the agent that this leadership is over.
  let onEnd: @Sendable (LeadershipEnd) -> Void
  var sequences: SequenceTracker
  private var writer = SegmentWriter(compression: .lz4)
  private let clock: Signal
  let progress: Signal

  static let uploadStream = RandomStreamName("agent.upload")

  init(
    host: Host, lease: HeldLease, granted: AcquireLease.Response, leaseEnd: VirtualTime,
    configuration: AgentConfiguration, addresses: ClusterAddresses, admission: Admission, gate: UploadGate,
    onEnd: @escaping @Sendable (LeadershipEnd) -> Void
  ) {
    self.host = host
    partition = lease.partition
    epoch = granted.epoch
    self.leaseEnd = leaseEnd
    self.configuration = configuration
    self.addresses = addresses
    self.admission = admission
    self.gate = gate
    self.onEnd = onEnd
    nextOffset = granted.watermark
    sequences = SequenceTracker(stored: granted.batches)
    randomness = RandomGenerator(
      state: host.draw(Self.uploadStream, key: lease.partition.word, ordinal: granted.epoch))
    clock = Signal(on: host, "a segment to close")
    progress = Signal(on: host, "segments to be registered")
    host.spawn("close segments", on: self) { try await $0.closeSegmentsByAge() }
  }

  var holdsLease: Bool { host.now < leaseEnd }

  func extendLease(until end: VirtualTime) { if leaseEnd < end { leaseEnd = end } }

  // MARK: Batches

  /// Takes a batch and answers when it is as safe as asked for.
  func produce(_ request: Produce, from sender: HostID) async throws -> Produce.Response {
    guard phase == .leading else { throw refusal }
    try require(
      .leaseHoldsBeforeAppend, of: configuration.safeguards, holdsLease, else: ProduceError.notLeader)
    guard request.batch.count > 0, !request.batch.hasHeaders,
      request.producer == nil || request.acknowledgement == .durable, request.sequenceCount > 0,
      request.transaction == nil || request.transactionID != nil,
      request.sequence < .max - request.sequenceCount
    else { throw ProduceError.invalid }
    if configuration.safeguards.contains(.sequenceIsNext), let producer = request.producer,
      let earlier = try judge(producer, request)
    {
      return try await earlier.answer(in: request.transactionID)
    }
    guard unregisteredBytes < configuration.unregisteredBytes else {
      host.probe(.produceRefusedAsOverloaded)
      throw ProduceError.overloaded(retryAfter: configuration.durableLinger * 2)
    }
    try admission.admit(request, from: sender)
    let (offset, segment) = try take(request)
    switch request.acknowledgement {
    case .none: return Produce.Response(offset: .provisional(offset), isDuplicate: false)
    case .durable:
      try Self.confirm(request.transactionID, try await segment.registered.value)
      return Produce.Response(offset: .final(offset), isDuplicate: false)
    case .buffered:
      try await logged(request, at: offset, in: segment)
      return Produce.Response(offset: .provisional(offset), isDuplicate: false)
    }
  }

  /// What a batch is told that this leadership does not take.
  var refusal: ProduceError { successor.map { .moved(to: $0) } ?? .notLeader }

  /// What an earlier delivery of the same batch has come to.
  private struct EarlierDelivery {
    let batch: SequenceTracker.Recent?

    func answer(in transaction: TransactionID?) async throws -> Produce.Response {
      guard let batch else { return Produce.Response(offset: .unknown, isDuplicate: true) }
      if let registered = batch.registered { try PartitionLeader.confirm(transaction, try await registered.value) }
      return Produce.Response(offset: .final(batch.offset), isDuplicate: true)
    }
  }

  /// Checks a batch's sequence; returns the earlier delivery when it is a repetition.
  private func judge(_ producer: ProducerIdentity, _ request: Produce) throws -> EarlierDelivery? {
    switch sequences.judge(producer, sequence: request.sequence, count: request.sequenceCount) {
    case .take: return nil
    case .duplicate(let batch):
      host.probe(batch.registered?.isSettled == false ? .duplicateJoinedInFlight : .duplicateAnswered)
      return EarlierDelivery(batch: batch)
    case .oldDuplicate:
      host.probe(.duplicateAnswered)
      return EarlierDelivery(batch: nil)
    case .gap(let expected):
      host.probe(.sequenceGapRefused)
      throw ProduceError.outOfSequence(expected: expected)
    case .fenced: throw ProduceError.producerFenced
    }
  }

  /// Gives a batch its offsets and puts it into the open segment; a batch never spans two.
  private func take(_ request: Produce) throws -> (offset: UInt64, segment: OpenSegment) {
    let size = request.batch.estimatedSize
    if let open, open.size > 0, open.size + size > configuration.segmentBytes { seal() }
    let segment = open ?? begin()
    let offset = nextOffset
    do {
      try writer.append(request.batch, firstOffset: offset)
    } catch {
      throw ProduceError.invalid
    }
    nextOffset += UInt64(request.batch.count)
    segment.size += size
    unregisteredBytes += size
    load.add(records: request.batch.count, bytes: size)
    chargeCPU(request.batch)
    if request.acknowledgement == .none { segment.unlogged.append(entry(request, at: offset)) }
    if let producer = request.producer {
      let count = request.sequenceCount
      segment.batches.append(
        StoredBatch(producer: producer, sequence: request.sequence, count: count, offset: offset))
      sequences.add(
        producer,
        SequenceTracker.Recent(
          sequence: request.sequence, count: count, offset: offset, registered: segment.registered))
    }
    if let transaction = request.transactionID {
      segment.add(offset, count: UInt64(request.batch.count), of: transaction)
    }
    let closeBy = host.now + configuration.durableLinger
    if request.acknowledgement == .durable, closeBy < segment.closeBy {
      segment.closeBy = closeBy
      clock.notify()
    }
    if segment.size >= configuration.segmentBytes { seal() }
    return (offset, segment)
  }

  private func chargeCPU(_ batch: RecordBatch) {
    host.work(
      configuration.requestCost + configuration.recordCost * Int64(batch.count)
        + .nanoseconds(configuration.bytePicoseconds * Int64(batch.estimatedSize) / 1_000))
  }

  /// Logs a batch, and returns when the acknowledgement may leave.
  private func logged(_ request: Produce, at offset: UInt64, in segment: OpenSegment) async throws {
    let synced = segment.log.append(entry(request, at: offset), on: self)
    switch configuration.behaviour.acknowledgesBuffered {
    case .afterLogSync: try await synced.value
    case .original where OriginalLogUse.waitsForSync: try await synced.value
    case .original: break
    }
    do {
      // Once this leadership is over, its log may have been read already: only what was registered is certain.
      try require(
        .leaseHoldsBeforeAcknowledgement, of: configuration.safeguards,
        segment.isRegistered || (holdsLease && phase != .over), else: ProduceError.outcomeUnknown)
    } catch {
      host.probe(.acknowledgementWithheld)
      throw error
    }
  }

  private func entry(_ request: Produce, at offset: UInt64) -> LogEntry {
    LogEntry(offset: offset, epoch: epoch, producer: 0, producerEpoch: 0, sequence: 0, batch: request.batch)
  }

  /// How much this partition was written to since it was last asked.
  func measureLoad() -> PartitionLoad {
    let rate = load.rate(at: host.now)
    return PartitionLoad(partition: partition, records: rate.records, bytes: rate.bytes)
  }

  // MARK: Segments

  private func begin() -> OpenSegment {
    let segment = OpenSegment(
      host: host, base: nextOffset, closeBy: host.now + configuration.segmentAge,
      logName: SegmentNaming.log(partition, epoch: epoch, base: nextOffset), groups: configuration.logGroups)
    open = segment
    clock.notify()
    return segment
  }

  private func closeSegmentsByAge() async throws {
    while phase != .over {
      guard let segment = open else {
        try await clock.wait()
        continue
      }
      if host.now >= segment.closeBy {
        seal()
      } else {
        try await clock.wait(atMost: segment.closeBy - host.now)
      }
    }
  }

  /// Closes the open segment: its bytes never change from here on.
  func seal() {
    guard let segment = open else { return }
    open = nil
    guard let bytes = try? writer.finish() else { return }
    let key =
      switch configuration.behaviour.keyNaming {
      case .withEpoch: SegmentNaming.key(partition, base: segment.base, epoch: epoch)
      case .original: OriginalKeyNaming.key(partition, base: segment.base)
      }
    sealed.append(
      SealedSegment(segment, end: nextOffset, key: key, bytes: bytes, attempt: randomness.next()))
    startUploads()
  }

  /// Takes no more batches, but goes on to store what it has although the lease is lost.
  func outliveLease() {
    phase = .draining
    seal()
  }

  /// Stops for good. Whoever waits is told that the outcome is not known: only the next epoch makes it final.
  func end(_ reason: LeadershipEnd) {
    guard phase != .over else { return }
    phase = .over
    host.emit(ClusterEvent.leadershipEnded(partition, epoch: epoch, reason: reason))
    let segments = sealed.map(\.origin) + (open.map { [$0] } ?? [])
    sealed = []
    open = nil
    unregisteredBytes = 0
    for segment in segments { segment.registered.fail(ProduceError.outcomeUnknown) }
    clock.notify()
    progress.notify()
    onEnd(reason)
  }

  /// Whether it stores nothing more.
  var isStopped: Bool { phase == .over || phase == .closing }

  var hasUnregistered: Bool { open != nil || !sealed.isEmpty }

  var snapshot: Snapshot {
    .fields([
      Snapshot.Field("epoch", .number(epoch)),
      Snapshot.Field("phase", .text("\(phase)")),
      Snapshot.Field("nextOffset", .number(nextOffset)),
      Snapshot.Field("openBytes", .number(Int64(open?.size ?? 0))),
      Snapshot.Field("sealed", .list(sealed.map { .text("\($0.base)..<\($0.end)") })),
    ])
  }
}

/// A segment that still takes batches. Sendable because it never leaves its host.
final class OpenSegment: @unchecked Sendable {
  let base: UInt64
  let log: SegmentLog
  /// Settled once the segment is registered, with its transactions that were over by then; or failed with the error that waiting senders get.
  let registered: Promise<[TransactionID]>
  /// When it is closed at the latest.
  var closeBy: VirtualTime
  /// The estimated size of its records.
  var size = 0
  var batches: [StoredBatch] = []
  /// What was taken without a log entry because nobody waits for it; it is logged when it cannot be stored here.
  var unlogged: [LogEntry] = []
  /// Which of its offsets belong to transactions, in order.
  var ranges: [TransactionRange] = []
  var isRegistered = false

  init(host: Host, base: UInt64, closeBy: VirtualTime, logName: String, groups: GroupCommitOptions) {
    self.base = base
    self.closeBy = closeBy
    log = SegmentLog(host: host, name: logName, groups: groups)
    registered = Promise(on: host, "a segment's registration")
  }
}

/// A closed segment on its way. Sendable because it never leaves its host.
final class SealedSegment: @unchecked Sendable {
  enum Upload {
    case waiting
    case running
    case done
  }

  let origin: OpenSegment
  let end: UInt64
  let key: ObjectKey
  let bytes: [UInt8]
  /// This upload's mark in the object's metadata.
  let attempt: UInt64
  var upload = Upload.waiting

  var base: UInt64 { origin.base }

  init(_ origin: OpenSegment, end: UInt64, key: ObjectKey, bytes: [UInt8], attempt: UInt64) {
    self.origin = origin
    self.end = end
    self.key = key
    self.bytes = bytes
    self.attempt = attempt
  }
}
