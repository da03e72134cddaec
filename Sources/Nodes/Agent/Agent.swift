import Simulation
import Storage

/// Takes batches from producers, gathers them in segments, and brings those to the object store.
///
/// An agent's life: recover what an earlier incarnation left in the log; report to the metadata service; acquire the leases it is to hold and hand over those it is not; renew them; serve producers; when told to leave, hand everything over and end.
public actor Agent {
  nonisolated let host: Host
  /// Its host's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  let configuration: AgentConfiguration
  let addresses: ClusterAddresses
  var leaders: [TopicPartition: PartitionLeader] = [:]
  var randomness: RandomGenerator
  /// The leases that are being asked for.
  var acquiring: Set<TopicPartition> = []
  /// The partitions that are being handed over.
  var handingOver: Set<TopicPartition> = []
  /// Who got the partitions that were handed over, for producers that still come here.
  var successors: [TopicPartition: HostID] = [:]
  var assigned: [TopicPartition] = []
  /// What had been assigned by the report before.
  var assignedBefore: [TopicPartition] = []
  var requests: UInt64 = 0
  /// How many logs of each partition are being handed over.
  var logHandovers: [TopicPartition: Int] = [:]
  var hasJoined = false
  /// Since when it has been leaving; nil while it stays.
  var leavingSince: VirtualTime?
  let admission: Admission
  let gate: UploadGate
  let tally = AgentTally()
  /// Rung when the next report is not to wait for its time.
  let reportSoon: Signal
  /// Rung when a leadership begins or ends, or a lease was not to be had.
  let leadershipsChanged: Signal

  static let stream = RandomStreamName("agent")

  /// Makes the agent and begins its life.
  public init(host: Host, configuration: AgentConfiguration, addresses: ClusterAddresses) {
    self.host = host
    self.configuration = configuration
    self.addresses = addresses
    randomness = host.randomness(Self.stream)
    admission = Admission(host: host, configuration: configuration)
    gate = UploadGate(host: host, breaker: configuration.breaker, rate: configuration.storeRate)
    reportSoon = Signal(on: host, "the time to report")
    leadershipsChanged = Signal(on: host, "a leadership")
    host.answer(OpenConnection.self, on: self) { _, _, _ in OpenConnection.Response() }
    host.serveStepwise(Produce.self, on: self) { agent, request, sender, reply in
      agent.take(request, from: sender.host, reply)
    }
    host.onShutdown(of: self) { agent in agent.host.spawn("leave", on: agent) { try await $0.leave() } }
    host.provideSnapshot(of: self) { $0.snapshot }
    host.spawn("recover", on: self) { $0.recoverLogs() }
    host.spawn("report", on: self) { try await $0.report() }
    host.spawn("renew", on: self) { try await $0.renewLeases() }
  }

  // MARK: Serving producers

  /// Hands a batch to the leadership of its partition in the step in which it came.
  private func take(_ request: Produce, from sender: HostID, _ reply: Reply<Produce>) {
    if configuration.behaviour.uploadWaits == .original, gate.isUploading {
      return takeAfterUploads(request, from: sender, reply)
    }
    takeNow(request, from: sender, reply)
  }

  func takeNow(_ request: Produce, from sender: HostID, _ reply: Reply<Produce>) {
    if let leader = leaders[request.partition] {
      return leader.assumeIsolated { $0.produce(request, from: sender, reply) }
    }
    host.spawn("wait for a lease", on: self) { agent in
      do {
        let leader = try await agent.leader(of: request.partition)
        await leader.produce(request, from: sender, reply)
      } catch let error as ProduceError {
        reply.fail(error)
      }
    }
  }

  /// The leadership of a partition; where it is about to begin, waits for it a while.
  ///
  /// - Throws: ``ProduceError/notLeader``, ``ProduceError/moved(to:)``.
  private func leader(of partition: TopicPartition) async throws -> PartitionLeader {
    let deadline = host.now + configuration.arrivalPatience
    if leaders[partition] == nil && acquiring.contains(partition) { host.probe(.batchWaitedForLease) }
    while leaders[partition] == nil, acquiring.contains(partition), host.now < deadline {
      try await leadershipsChanged.wait(atMost: deadline - host.now)
    }
    if let leader = leaders[partition] { return leader }
    if let successor = successors[partition] { throw ProduceError.moved(to: successor) }
    throw ProduceError.notLeader
  }

  /// How many logs are being handed over.
  var handovers: Int { logHandovers.values.reduce(0, +) }

  // MARK: Renewing

  private func renewLeases() async throws {
    for await _ in host.ticks(every: configuration.renewalInterval) {
      let held = leaders.keys.sorted().compactMap { partition in
        leaders[partition].map { HeldLease(partition: partition, epoch: $0.epoch) }
      }
      if !held.isEmpty && !host.fires(.renewalSkipped) { try await renew(held) }
    }
  }

  func renew(_ held: [HeldLease]) async throws {
    let sentAt = host.now
    do {
      let answer = try await host.call(
        RenewLeases(leases: held), to: addresses.metadata, deadline: configuration.metadataTimeout)
      let end = sentAt + configuration.leaseTerm - configuration.leaseMargin
      for lease in held {
        guard let leader = leaders[lease.partition], leader.epoch == lease.epoch else { continue }
        if answer.lost.contains(lease) {
          host.probe(.leaseLost)
          await lose(leader, lease.partition)
        } else {
          await leader.extendLease(until: end)
        }
      }
    } catch is MetadataError {
    } catch is NetworkError {
    }
    for lease in held {
      if let leader = leaders[lease.partition], await !leader.holdsLease { host.probe(.leaseExpired) }
    }
  }

  private func lose(_ leader: PartitionLeader, _ partition: TopicPartition) async {
    if configuration.safeguards.contains(.writerEndsWithLease) {
      await leader.end(.leaseLost)
    } else {
      leaders[partition] = nil
      await leader.outliveLease()
    }
  }

  /// What this agent still has to bring to its end, in words; nil when nothing.
  public var unfinishedWork: String? {
    if leavingSince != nil { return "is leaving" }
    if handovers > 0 { return "hands over \(handovers) logs" }
    for partition in leaders.keys.sorted() {
      guard let leader = leaders[partition] else { continue }
      if leader.assumeIsolated({ $0.hasUnregistered }) { return "has unregistered records of \(partition)" }
    }
    return nil
  }

  private var snapshot: Snapshot {
    .fields([
      Snapshot.Field("assigned", .list(assigned.map { .text($0.description) })),
      Snapshot.Field(
        "leads",
        .list(
          leaders.keys.sorted().compactMap { partition in
            guard let leader = leaders[partition] else { return nil }
            let state = leader.assumeIsolated { $0.snapshot }
            return .fields([
              Snapshot.Field("partition", .text(partition.description)), Snapshot.Field("state", state),
            ])
          })),
    ])
  }
}
