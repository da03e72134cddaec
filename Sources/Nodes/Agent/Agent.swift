import Simulation
import Storage

/// Takes batches from producers, gathers them in segments, and brings those to the object store.
///
/// An agent's life: recover what an earlier incarnation left in the log; report to the metadata service; acquire the leases it is to hold and give back those it is not; renew them; serve producers.
public actor Agent {
  nonisolated let host: Host
  /// Its host's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  let configuration: AgentConfiguration
  let addresses: ClusterAddresses
  var leaders: [TopicPartition: PartitionLeader] = [:]
  var randomness: RandomGenerator
  private var acquiring: Set<TopicPartition> = []
  private var handingBack: Set<TopicPartition> = []
  private var assigned: [TopicPartition] = []
  private var requests: UInt64 = 0
  /// How many logs are being handed over.
  var handovers = 0

  static let stream = RandomStreamName("agent")

  /// Makes the agent and begins its life.
  public init(host: Host, configuration: AgentConfiguration, addresses: ClusterAddresses) {
    self.host = host
    self.configuration = configuration
    self.addresses = addresses
    randomness = host.randomness(Self.stream)
    host.serve(Produce.self, on: self) { agent, request, _ in
      guard let leader = agent.leaders[request.partition] else { throw ProduceError.notLeader }
      return try await leader.produce(request)
    }
    host.provideSnapshot(of: self) { $0.snapshot }
    host.spawn("recover", on: self) { $0.recoverLogs() }
    host.spawn("report", on: self) { try await $0.report() }
    host.spawn("renew", on: self) { try await $0.renewLeases() }
  }

  // MARK: Reporting and following the assignment

  private func report() async throws {
    try await heartbeat()
    for await _ in host.ticks(every: configuration.heartbeatInterval) { try await heartbeat() }
  }

  /// Reports, and again at once when no answer came before the next report would be due: one lost message must not make this agent look dead.
  private func heartbeat() async throws {
    let patience = min(configuration.heartbeatInterval, configuration.metadataTimeout)
    while true {
      do {
        let answer = try await host.call(AgentHeartbeat(zone: host.zone), to: addresses.metadata, deadline: patience)
        assigned = answer.assigned
        return followAssignment()
      } catch NetworkError.timedOut {
        continue
      } catch is MetadataError {
        return
      } catch is NetworkError {
        return
      }
    }
  }

  private func followAssignment() {
    for partition in assigned where leaders[partition] == nil && acquiring.insert(partition).inserted {
      host.spawn("acquire", on: self) { try await $0.acquire(partition) }
    }
    for partition in leaders.keys.sorted() where !assigned.contains(partition) {
      guard handingBack.insert(partition).inserted else { continue }
      host.spawn("hand back", on: self) { try await $0.handBack(partition) }
    }
  }

  /// Acquires a lease; a failure is tried again with the next heartbeat that still assigns the partition.
  private func acquire(_ partition: TopicPartition) async throws {
    requests += 1
    // The lease's term counts from here: the service cannot have begun it earlier.
    let sentAt = host.now
    do {
      let granted = try await host.call(
        AcquireLease(partition: partition, request: requests), to: addresses.metadata,
        deadline: configuration.metadataTimeout)
      lead(partition, granted, leaseEnd: sentAt + configuration.leaseTerm - configuration.leaseMargin)
    } catch is MetadataError {
    } catch is NetworkError {
    }
    acquiring.remove(partition)
  }

  private func lead(_ partition: TopicPartition, _ granted: AcquireLease.Response, leaseEnd: VirtualTime) {
    host.emit(ClusterEvent.leadershipBegan(partition, epoch: granted.epoch, watermark: granted.watermark))
    leaders[partition] = PartitionLeader(
      host: host, lease: HeldLease(partition: partition, epoch: granted.epoch), granted: granted, leaseEnd: leaseEnd,
      configuration: configuration, addresses: addresses,
      // Unowned: a leadership never outlives its agent, and a cycle would outlive the run.
      onEnd: { [unowned self] _ in assumeIsolated { $0.leadershipEnded(partition, epoch: granted.epoch) } })
  }

  // What the log holds of this epoch and was not registered goes to whoever leads now.
  private func leadershipEnded(_ partition: TopicPartition, epoch: Epoch) {
    leaders[partition] = nil
    handOverLog(HeldLease(partition: partition, epoch: epoch))
  }

  /// Flushes, gives the lease back, and only then forgets the writer.
  private func handBack(_ partition: TopicPartition) async throws {
    defer { handingBack.remove(partition) }
    guard let leader = leaders[partition] else { return }
    try await leader.drain()
    guard await leader.phase != .over else { return }
    do {
      _ = try await host.call(
        ReleaseLease(lease: HeldLease(partition: partition, epoch: leader.epoch)), to: addresses.metadata,
        deadline: configuration.metadataTimeout)
    } catch is MetadataError {
    } catch is NetworkError {
    }
    await leader.end(.handedBack)
  }

  // MARK: Renewing

  private func renewLeases() async throws {
    for await _ in host.ticks(every: configuration.renewalInterval) {
      let held = leaders.keys.sorted().compactMap { partition in
        leaders[partition].map { HeldLease(partition: partition, epoch: $0.epoch) }
      }
      if !held.isEmpty { try await renew(held) }
    }
  }

  private func renew(_ held: [HeldLease]) async throws {
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
