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
  /// Until when what was taken may be stored by a leadership that hands over.
  var handoverEnd = VirtualTime.distantFuture
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
  let tally: AgentTally
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
    tally: AgentTally, onEnd: @escaping @Sendable (LeadershipEnd) -> Void
  ) {
    self.host = host
    partition = lease.partition
    epoch = granted.epoch
    self.leaseEnd = leaseEnd
    self.configuration = configuration
    self.addresses = addresses
    self.admission = admission
    self.gate = gate
    self.tally = tally
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

  /// Takes a batch at once, so that batches keep the order in which they came, and answers when it is as safe as asked for.
  func produce(_ request: Produce, from sender: HostID, _ reply: Reply<Produce>) {
    do {
      try accept(request, from: sender, reply)
    } catch {
      reply.fail(error)
    }
  }

  private func accept(_ request: Produce, from sender: HostID, _ reply: Reply<Produce>) throws(ProduceError) {
    guard phase == .leading else { throw refusal }
    try require(.leaseHoldsBeforeAppend, of: configuration.safeguards, holdsLease, else: ProduceError.notLeader)
    let batch = try decoded(request)
    if configuration.safeguards.contains(.sequenceIsNext), let producer = request.producer,
      try answersRepetition(producer, request, reply)
    {
      return
    }
    guard unregisteredBytes < configuration.unregisteredBytes else {
      host.probe(.produceRefusedAsOverloaded)
      throw .overloaded(retryAfter: configuration.durableLinger * 2)
    }
    try admission.admit(request, from: sender)
    let (offset, segment) = try take(batch, request)
    switch request.acknowledgement {
    case .none: reply.succeed(Produce.Response(offset: .provisional(offset), isDuplicate: false))
    case .durable:
      Self.answer(reply, once: segment.registered, at: offset, isDuplicate: false, request.transactionID)
    case .buffered: keepInLog(batch, at: offset, in: segment, reply)
    }
  }

  /// What a batch is told that this leadership does not take.
  var refusal: ProduceError { successor.map { .moved(to: $0) } ?? .notLeader }

  /// Answers once a batch's segment is registered, or its leadership is over.
  private static func answer(
    _ reply: Reply<Produce>, once registered: Promise<[TransactionID]>, at offset: UInt64, isDuplicate: Bool,
    _ transaction: TransactionID?
  ) {
    registered.whenSettled { result in
      do {
        try confirm(transaction, try result.get())
        reply.succeed(Produce.Response(offset: .final(offset), isDuplicate: isDuplicate))
      } catch let error as ProduceError {
        reply.fail(error)
      } catch {
        // Only a leadership's end fails it, and that with the error above.
        reply.fail(ProduceError.outcomeUnknown)
      }
    }
  }

  /// Says what is wrong with a batch once another's segment is registered; where that fails, says that.
  private static func refuse(_ reply: Reply<Produce>, _ error: ProduceError, once registered: Promise<[TransactionID]>)
  {
    registered.whenSettled { result in
      if case .failure(let failure) = result {
        reply.fail(failure as? ProduceError ?? .outcomeUnknown)
      } else {
        reply.fail(error)
      }
    }
  }

  /// Takes a request apart, and refuses what makes no sense.
  private func decoded(_ request: Produce) throws(ProduceError) -> RecordBatch {
    guard request.producer == nil || request.acknowledgement == .durable, request.sequenceCount > 0,
      request.transaction == nil || request.transactionID != nil, request.sequence < .max - request.sequenceCount
    else { throw .invalid }
    let batch: RecordBatch
    do throws(BatchError) {
      batch = try request.batch.decode(limit: configuration.largestBatch)
    } catch {
      throw .invalid
    }
    // Sequences number records, but for a log, whose sequences are its offsets; without a producer they mean nothing.
    let isFree = request.producer?.isLog ?? true
    guard batch.count > 0, batch.count == request.batch.count, batch.estimatedSize == request.batch.estimatedSize,
      !batch.hasHeaders, isFree || request.sequenceCount == UInt64(batch.count)
    else {
      throw .invalid
    }
    return batch
  }

  /// Checks a batch's sequence; a repetition gets the answer of the earlier delivery.
  private func answersRepetition(
    _ producer: ProducerIdentity, _ request: Produce, _ reply: Reply<Produce>
  ) throws(ProduceError) -> Bool {
    switch sequences.judge(producer, sequence: request.sequence, count: request.sequenceCount) {
    case .take: return false
    case .duplicate where configuration.behaviour.repetition == .original:
      reply.succeed(Produce.Response(offset: .final(OriginalSequences.offsetOfRepetition), isDuplicate: true))
      return true
    case .duplicate(let batch):
      host.probe(batch.registered?.isSettled == false ? .duplicateJoinedInFlight : .duplicateAnswered)
      if let registered = batch.registered {
        Self.answer(reply, once: registered, at: batch.offset, isDuplicate: true, request.transactionID)
      } else {
        reply.succeed(Produce.Response(offset: .final(batch.offset), isDuplicate: true))
      }
      return true
    case .oldDuplicate:
      host.probe(.duplicateAnswered)
      reply.succeed(Produce.Response(offset: .unknown, isDuplicate: true))
      return true
    case .begun(let end, let batch):
      host.probe(.sequenceGapRefused)
      guard let registered = batch.registered else { throw .outOfSequence(expected: end) }
      Self.refuse(reply, .outOfSequence(expected: end), once: registered)
      return true
    case .gap(let expected):
      host.probe(.sequenceGapRefused)
      throw .outOfSequence(expected: expected)
    case .fenced: throw .producerFenced
    }
  }

  /// Gives a batch its offsets and puts it into the open segment; a batch never spans two.
  private func take(_ batch: RecordBatch, _ request: Produce) throws(ProduceError) -> (
    offset: UInt64, segment: OpenSegment
  ) {
    let size = batch.estimatedSize
    if let open, open.size > 0, open.size + size > configuration.segmentBytes { seal() }
    let segment = open ?? begin()
    let offset = nextOffset
    do {
      try writer.append(batch, firstOffset: offset)
    } catch {
      throw ProduceError.invalid
    }
    nextOffset += UInt64(batch.count)
    segment.size += size
    unregisteredBytes += size
    load.add(records: batch.count, bytes: size)
    tally.appended(records: batch.count, bytes: size)
    chargeCPU(batch, request)
    if request.acknowledgement == .none { segment.unlogged.append(entry(batch, at: offset)) }
    if let producer = request.producer {
      let count = request.sequenceCount
      segment.batches.append(
        StoredBatch(producer: producer, sequence: request.sequence, count: count, offset: offset))
      remember(
        SequenceTracker.Recent(
          sequence: request.sequence, count: count, offset: offset, registered: segment.registered), of: producer)
    }
    if let transaction = request.transactionID {
      segment.add(offset, count: UInt64(batch.count), of: transaction)
    }
    let closeBy = host.now + configuration.durableLinger
    if request.acknowledgement == .durable, closeBy < segment.closeBy {
      segment.closeBy = closeBy
      clock.notify()
    }
    if segment.size >= configuration.segmentBytes || host.fires(.segmentClosesEarly) { seal() }
    return (offset, segment)
  }

  /// Keeps in mind that a batch was taken, so that it is not taken again.
  private func remember(_ batch: SequenceTracker.Recent, of producer: ProducerIdentity) {
    if configuration.safeguards.contains(.batchesInFlightCount) { return sequences.add(producer, batch) }
    // Unowned: whoever waits for a segment goes with its leadership.
    batch.registered?.whenSettled { [unowned self] result in
      if case .success = result { assumeIsolated { $0.sequences.add(producer, batch) } }
    }
  }

  private func chargeCPU(_ batch: RecordBatch, _ request: Produce) {
    var cost = configuration.recordCost * Int64(batch.count)
    if !request.continuesMessage { cost = cost + configuration.requestCost }
    var picoseconds = configuration.bytePicoseconds * Int64(batch.estimatedSize)
    if request.batch.isCompressed {
      picoseconds += configuration.decompressionPicoseconds * Int64(batch.bytes.count)
    }
    host.work(cost + .nanoseconds(picoseconds / 1_000))
  }

  /// Logs a batch, and answers when the acknowledgement may leave.
  private func keepInLog(_ batch: RecordBatch, at offset: UInt64, in segment: OpenSegment, _ reply: Reply<Produce>) {
    let synced = segment.log.append(entry(batch, at: offset), on: self)
    if configuration.behaviour.acknowledgesBuffered == .original, !OriginalLogUse.waitsForSync {
      return acknowledgeLogged(at: offset, in: segment, isLogged: true, reply)
    }
    // Unowned: the log belongs to this leadership, which its writing task keeps.
    synced.whenSettled { [unowned self] result in
      let isLogged = if case .success = result { true } else { false }
      assumeIsolated { $0.acknowledgeLogged(at: offset, in: segment, isLogged: isLogged, reply) }
    }
  }

  private func acknowledgeLogged(
    at offset: UInt64, in segment: OpenSegment, isLogged: Bool, _ reply: Reply<Produce>
  ) {
    do throws(ProduceError) {
      // The disk did not take it, or nobody knows whether it did: it may be stored all the same, as part of its segment.
      if !isLogged && !segment.isRegistered {
        host.probe(.logWriteFailed)
        throw .outcomeUnknown
      }
      // Once this leadership is over, its log may have been read already: only what was registered is certain.
      try require(
        .leaseHoldsBeforeAcknowledgement, of: configuration.safeguards,
        segment.isRegistered || (holdsLease && phase != .over), else: ProduceError.outcomeUnknown)
      reply.succeed(Produce.Response(offset: .provisional(offset), isDuplicate: false))
    } catch {
      if isLogged { host.probe(.acknowledgementWithheld) }
      reply.fail(error)
    }
  }

  private func entry(_ batch: RecordBatch, at offset: UInt64) -> LogEntry {
    LogEntry(offset: offset, epoch: epoch, producer: 0, producerEpoch: 0, sequence: 0, batch: batch)
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
      logName: SegmentNaming.log(partition, epoch: epoch, base: nextOffset), groups: configuration.logGroups,
      tally: tally)
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
    tally.segmentBytes.record(Int64(bytes.count))
    sealed.append(
      SealedSegment(
        segment, end: nextOffset, key: key, bytes: bytes, attempt: randomness.next(), closedAt: host.now))
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
