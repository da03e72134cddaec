import Simulation
import Storage

/// How an agent reports to the metadata service and follows what it is told to lead.
extension Agent {
  func report() async throws {
    while true {
      if host.fires(.heartbeatLate) { try await host.sleep(for: configuration.heartbeatInterval) }
      try await heartbeat()
      try await reportSoon.wait(
        atMost: leavingSince == nil ? configuration.heartbeatInterval : configuration.leavingInterval)
    }
  }

  /// Reports, and again at once when no answer came before the next report would be due: one lost message must not make this agent look dead.
  private func heartbeat() async throws {
    let patience = min(configuration.heartbeatInterval, configuration.metadataTimeout)
    while true {
      var report = AgentHeartbeat(zone: host.zone)
      report.isLeaving = leavingSince != nil
      report.loads = loads()
      do {
        let answer = try await host.call(report, to: addresses.metadata, deadline: patience)
        if !hasJoined { host.emit(AgentEvent.joined) }
        hasJoined = true
        assignedBefore = assigned
        assigned = answer.assigned
        admission.enforce(answer.quotas)
        return follow(answer)
      } catch NetworkError.timedOut {
        continue
      } catch is MetadataError {
        return
      } catch is NetworkError {
        return
      }
    }
  }

  /// How much each partition that is led here is written to.
  private func loads() -> [PartitionLoad] {
    leaders.keys.sorted().compactMap { partition in
      leaders[partition].map { leader in leader.assumeIsolated { $0.measureLoad() } }
    }
  }

  private func follow(_ answer: AgentHeartbeat.Response) {
    if leavingSince == nil {
      for partition in toAskFor where leaders[partition] == nil && acquiring.insert(partition).inserted {
        host.spawn("acquire", on: self) { try await $0.acquire(partition) }
      }
    }
    for handover in answer.handovers { handOver(handover.partition, to: handover.successor) }
    if leavingSince == nil, let any = leaders.keys.sorted().first, host.fires(.leaseGivenBack) {
      handOver(any, to: nil)
    }
    // Nobody will come: what can be stored is stored, and the leases are free for whoever comes later. A log of this agent is stored first: nobody else would lead its partition.
    if let leavingSince, host.now - leavingSince >= configuration.leavingPatience {
      for partition in leaders.keys.sorted() where logHandovers[partition] == nil { handOver(partition, to: nil) }
    }
  }

  private var toAskFor: [TopicPartition] {
    switch configuration.behaviour.leaseRequests {
    case .untilGranted: assigned
    case .original: OriginalLeaseRequests.new(in: assigned, recorded: assignedBefore)
    }
  }

  // MARK: Acquiring

  /// Acquires a lease, waiting at the service where another agent is to hand it over; a failure is tried again while the partition is assigned.
  private func acquire(_ partition: TopicPartition) async throws {
    repeat {
      let begin = host.now
      if try await asksForLease(partition) { break }
      // What was refused at once is tried again with the next report that still assigns the partition.
      if host.now - begin < configuration.heartbeatInterval || configuration.behaviour.leaseRequests == .original {
        break
      }
    } while leavingSince == nil && assigned.contains(partition)
    acquiring.remove(partition)
    leadershipsChanged.notify()
  }

  /// Asks for a lease once; tells whether this agent leads the partition now.
  func asksForLease(_ partition: TopicPartition) async throws -> Bool {
    requests += 1
    var request = AcquireLease(partition: partition, request: requests)
    // A lease granted at the end of the wait has to be worth something: its term counts from here, since the service cannot have begun it earlier.
    let sentAt = host.now
    let term = configuration.leaseTerm - configuration.leaseMargin
    if configuration.behaviour.leaseRequests == .untilGranted {
      request.waitAtMost = min(configuration.leaseWait, term / 2)
    }
    if configuration.behaviour.leaseClock == .original { request.clock = OriginalLeaseClock.now(of: host) }
    do {
      // A grant whose answer is lost leaves the partition without a leader until it is asked for again.
      let granted = try await host.call(
        request, to: addresses.metadata,
        deadline: request.waitAtMost + min(configuration.metadataTimeout, .milliseconds(500)))
      lead(partition, granted, leaseEnd: sentAt + term)
      if host.now - sentAt > configuration.heartbeatInterval { renewSoon(partition, granted.epoch) }
      return true
    } catch is MetadataError {
    } catch is NetworkError {
    }
    return false
  }

  private func lead(_ partition: TopicPartition, _ granted: AcquireLease.Response, leaseEnd: VirtualTime) {
    host.emit(ClusterEvent.leadershipBegan(partition, epoch: granted.epoch, watermark: granted.watermark))
    successors[partition] = nil
    leaders[partition] = PartitionLeader(
      host: host, lease: HeldLease(partition: partition, epoch: granted.epoch), granted: granted, leaseEnd: leaseEnd,
      configuration: configuration, addresses: addresses, admission: admission, gate: gate, tally: tally,
      // Unowned: a leadership never outlives its agent, and a cycle would outlive the run.
      onEnd: { [unowned self] _ in assumeIsolated { $0.leadershipEnded(partition, epoch: granted.epoch) } })
    leadershipsChanged.notify()
  }

  /// A part of the lease's term went by while the request waited.
  private func renewSoon(_ partition: TopicPartition, _ epoch: Epoch) {
    let lease = HeldLease(partition: partition, epoch: epoch)
    host.spawn("renew", on: self) { try await $0.renew([lease]) }
  }

  // What the log holds of this epoch and was not registered goes to whoever leads now.
  private func leadershipEnded(_ partition: TopicPartition, epoch: Epoch) {
    leaders[partition] = nil
    handOverLog(HeldLease(partition: partition, epoch: epoch))
    leadershipsChanged.notify()
  }

  // MARK: Handing over

  /// Begins to hand a partition over, unless that has begun already.
  private func handOver(_ partition: TopicPartition, to successor: HostID?) {
    guard let leader = leaders[partition] else { return }
    guard handingOver.insert(partition).inserted else {
      if let successor, leader.assumeIsolated({ $0.isFollowed(by: successor) }) { successors[partition] = successor }
      return
    }
    host.spawn("hand over", on: self) { agent in
      defer { agent.handingOver.remove(partition) }
      guard let leader = agent.leaders[partition] else { return }
      if let successor {
        agent.successors[partition] = successor
      } else if agent.leavingSince != nil {
        agent.host.probe(.leftWithoutSuccessor)
      }
      try await leader.handOver(to: successor)
    }
  }

  // MARK: Leaving

  /// Hands everything over and ends the process.
  func leave() async throws {
    guard leavingSince == nil else { return }
    leavingSince = host.now
    host.emit(AgentEvent.leaving)
    gate.hurry(restingAtMost: configuration.retryBackoffLimit)
    reportSoon.notify()
    if configuration.behaviour.leaving == .original { try await leaveAtOnce() }
    while !leaders.isEmpty || !acquiring.isEmpty || !logHandovers.isEmpty {
      try await leadershipsChanged.wait(atMost: configuration.leavingInterval)
    }
    try await sayGoodbye()
    host.probe(.drainFinished)
    host.emit(AgentEvent.left)
    host.exit()
  }

  /// Tells the service that nothing more is to come; where it does not answer, the missing heartbeats will tell.
  private func sayGoodbye() async throws {
    for _ in 0..<3 {
      do {
        _ = try await host.call(LeaveCluster(), to: addresses.metadata, deadline: configuration.metadataTimeout)
        return
      } catch is MetadataError {
      } catch is NetworkError {
      }
      try await host.sleep(for: configuration.retryBackoff)
    }
  }
}
