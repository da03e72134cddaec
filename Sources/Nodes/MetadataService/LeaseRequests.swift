import Simulation

/// What agents ask: leases and registrations.
extension MetadataService {
  nonisolated func serveAgents() {
    serve(AgentHeartbeat.self) { try await $0.heartbeat($1, from: $2) }
    serve(SetQuota.self) { service, request, _ in try await service.setQuota(request) }
    serve(LeaveCluster.self) { try await $0.leave($1, from: $2) }
    serve(AcquireLease.self) { try await $0.acquire($1, from: $2) }
    serve(RenewLeases.self) { try await $0.renew($1, from: $2) }
    serve(ReleaseLease.self) { try await $0.release($1, from: $2) }
    serve(FenceEpoch.self) { service, request, _ in try await service.fence(request) }
    serve(RegisterSegment.self) { service, request, _ in try await service.register(request) }
  }

  private func acquire(_ request: AcquireLease, from sender: Sender) async throws -> AcquireLease.Response {
    try begin()
    let asker = AgentIncarnation(agent: sender.host, incarnation: sender.incarnation)
    let deadline = host.now + min(request.waitAtMost, Self.longestLeaseWait)
    var hasWaited = false
    while true {
      if let answer = try await grantNow(request, to: asker, hasWaited: hasWaited) { return answer }
      let end = leaseEnds[request.partition] ?? .start
      guard host.now < deadline, assignment.owner(of: request.partition) == asker.agent else {
        throw MetadataError.leaseHeld(by: try read(request.partition) { $0.holder?.agent } ?? asker.agent)
      }
      try await leaseWaits.wait(asker.agent, for: request.partition, atMost: min(deadline, end) - host.now)
      hasWaited = true
    }
  }

  /// The longest that a request for a lease is held back.
  private static let longestLeaseWait = VirtualDuration.seconds(60)

  /// Grants a lease when it is to be had, or has been granted to this request already; nil while somebody else holds it.
  private func grantNow(
    _ request: AcquireLease, to asker: AgentIncarnation, hasWaited: Bool
  ) async throws -> AcquireLease.Response? {
    let (held, epoch, latest) = try read(request.partition) { row in
      (row.holder, row.epoch, row.latestGrants.first { $0.to.agent == asker.agent })
    }
    if let latest {
      let isOlder = latest.to.incarnation > asker.incarnation
      if isOlder || (latest.to == asker && latest.request > request.request) { throw MetadataError.staleRequest }
      if latest == MetadataState.Grant(to: asker, request: request.request) {
        return try await repeatedGrant(request.partition, holder: held, to: asker)
      }
    }
    if let held, held.agent != asker.agent {
      if request.clock ?? host.now < leaseEnds[request.partition] ?? .start {
        guard isOver(held) else { return nil }
        host.probe(.leaseOfDeadIncarnationTaken)
      }
      host.probe(.leaseMoved)
    }
    if hasWaited && held == nil { host.probe(.leaseHandedOver) }
    let next = self.epoch(after: epoch, isHeld: held != nil)
    commit(
      .leaseGranted(request.partition, epoch: next, holder: asker, request: request.request),
      announcing: .leaseGranted(request.partition, epoch: next, holder: asker, previous: held))
    leaseEnds[request.partition] = (request.clock ?? host.now) + configuration.leaseTerm
    return try await lease(request.partition)
  }

  private func epoch(after epoch: Epoch, isHeld: Bool) -> Epoch {
    switch configuration.behaviour.epochs {
    case .alwaysRises: epoch + 1
    case .original: OriginalEpochs.next(after: epoch, isHeld: isHeld)
    }
  }

  // The answer got lost, or the network delivered the request twice: the same lease, not a new epoch.
  private func repeatedGrant(
    _ partition: TopicPartition, holder: AgentIncarnation?, to asker: AgentIncarnation
  ) async throws -> AcquireLease.Response {
    guard holder == asker else { throw MetadataError.staleRequest }
    host.probe(.acquireRepeated)
    leaseEnds[partition] = host.now + configuration.leaseTerm
    return try await lease(partition)
  }

  /// Epoch, watermark and batches as one transaction saw them.
  private func lease(_ partition: TopicPartition) async throws -> AcquireLease.Response {
    let answer = try read(partition) { row in
      AcquireLease.Response(epoch: row.epoch, watermark: row.watermark, batches: row.producers.flatMap(\.batches))
    }
    try await journal.settled()
    return answer
  }

  private func renew(_ request: RenewLeases, from sender: Sender) async throws -> RenewLeases.Response {
    try begin()
    let asker = AgentIncarnation(agent: sender.host, incarnation: sender.incarnation)
    var lost: [HeldLease] = []
    for lease in request.leases {
      let isHeld = state.topics.read(lease.partition) { $0.holder == asker && $0.epoch == lease.epoch } ?? false
      guard isHeld else {
        lost.append(lease)
        continue
      }
      if let end = leaseEnds[lease.partition], end < host.now { host.probe(.leaseRenewedAfterExpiry) }
      leaseEnds[lease.partition] = host.now + configuration.leaseTerm
    }
    try await journal.settled()
    return RenewLeases.Response(lost: lost)
  }

  private func release(_ request: ReleaseLease, from sender: Sender) async throws -> ReleaseLease.Response {
    try begin()
    let (partition, epoch) = (request.lease.partition, request.lease.epoch)
    let asker = AgentIncarnation(agent: sender.host, incarnation: sender.incarnation)
    let isHolder = try read(partition) { $0.holder == asker && $0.epoch == epoch }
    if isHolder || !configuration.safeguards.contains(.releaserHoldsLease) {
      // What follows is numbered after the epoch that is given back.
      let effect = isHolder ? MetadataEffect.leaseReleased(partition) : .epochFenced(partition, epoch: epoch)
      commit(effect, announcing: .leaseReleased(partition, epoch: epoch))
      leaseEnds[partition] = nil
      leaseWaits.notify(partition)
    }
    try await journal.settled()
    return ReleaseLease.Response()
  }

  private func fence(_ request: FenceEpoch) async throws -> FenceEpoch.Response {
    try begin()
    let (partition, epoch) = (request.lease.partition, request.lease.epoch)
    let current = try read(partition) { $0.epoch }
    if current < epoch { throw MetadataError.invalid }
    if current == epoch {
      commit(.epochFenced(partition, epoch: epoch), announcing: .epochFenced(partition, epoch: epoch))
      leaseEnds[partition] = nil
      leaseWaits.notify(partition)
    }
    let end = try read(partition) { $0.registeredEnd(epoch: epoch) }
    try await journal.settled()
    return FenceEpoch.Response(registeredEnd: end)
  }
}
