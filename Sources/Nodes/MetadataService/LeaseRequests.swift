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
      let row = try partition(request.partition)
      if let answer = try await grantNow(request, row, to: asker, hasWaited: hasWaited) { return answer }
      let end = leaseEnds[request.partition] ?? .start
      guard host.now < deadline, assignment.owner(of: request.partition) == asker.agent else {
        throw MetadataError.leaseHeld(by: row.holder?.agent ?? asker.agent)
      }
      try await leaseWaits.wait(asker.agent, for: request.partition, atMost: min(deadline, end) - host.now)
      hasWaited = true
    }
  }

  /// The longest that a request for a lease is held back.
  private static let longestLeaseWait = VirtualDuration.seconds(60)

  /// Grants a lease when it is to be had, or has been granted to this request already; nil while somebody else holds it.
  private func grantNow(
    _ request: AcquireLease, _ row: MetadataState.Partition, to asker: AgentIncarnation, hasWaited: Bool
  ) async throws -> AcquireLease.Response? {
    if let latest = row.latestGrants.first(where: { $0.to.agent == asker.agent }) {
      let isOlder = latest.to.incarnation > asker.incarnation
      if isOlder || (latest.to == asker && latest.request > request.request) { throw MetadataError.staleRequest }
      if latest == MetadataState.Grant(to: asker, request: request.request) {
        return try await repeatedGrant(request.partition, row, to: asker)
      }
    }
    if let holder = row.holder, holder.agent != asker.agent, host.now < leaseEnds[request.partition] ?? .start {
      guard isOver(holder) else { return nil }
      host.probe(.leaseOfDeadIncarnationTaken)
    }
    if hasWaited && row.holder == nil { host.probe(.leaseHandedOver) }
    let epoch = row.epoch + 1
    if let holder = row.holder, holder.agent != asker.agent { host.probe(.leaseMoved) }
    commit(
      .leaseGranted(request.partition, epoch: epoch, holder: asker, request: request.request),
      announcing: .leaseGranted(request.partition, epoch: epoch, holder: asker, previous: row.holder))
    leaseEnds[request.partition] = host.now + configuration.leaseTerm
    return try await answer(request.partition, epoch: epoch, row)
  }

  // The answer got lost, or the network delivered the request twice: the same lease, not a new epoch.
  private func repeatedGrant(
    _ partition: TopicPartition, _ row: MetadataState.Partition, to asker: AgentIncarnation
  ) async throws -> AcquireLease.Response {
    guard row.holder == asker else { throw MetadataError.staleRequest }
    host.probe(.acquireRepeated)
    leaseEnds[partition] = host.now + configuration.leaseTerm
    return try await answer(partition, epoch: row.epoch, row)
  }

  /// Epoch, watermark and batches as one transaction saw them.
  private func answer(
    _ partition: TopicPartition, epoch: Epoch, _ row: MetadataState.Partition
  ) async throws -> AcquireLease.Response {
    try await journal.settled()
    return AcquireLease.Response(
      epoch: epoch, watermark: row.watermark, batches: row.producers.flatMap(\.batches))
  }

  private func renew(_ request: RenewLeases, from sender: Sender) async throws -> RenewLeases.Response {
    try begin()
    let asker = AgentIncarnation(agent: sender.host, incarnation: sender.incarnation)
    var lost: [HeldLease] = []
    for lease in request.leases {
      guard let row = state[lease.partition], row.holder == asker, row.epoch == lease.epoch else {
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
    let row = try partition(request.lease.partition)
    let asker = AgentIncarnation(agent: sender.host, incarnation: sender.incarnation)
    if row.holder == asker, row.epoch == request.lease.epoch {
      commit(
        .leaseReleased(request.lease.partition),
        announcing: .leaseReleased(request.lease.partition, epoch: row.epoch))
      leaseEnds[request.lease.partition] = nil
      leaseWaits.notify(request.lease.partition)
    }
    try await journal.settled()
    return ReleaseLease.Response()
  }

  private func fence(_ request: FenceEpoch) async throws -> FenceEpoch.Response {
    try begin()
    let row = try partition(request.lease.partition)
    if row.epoch < request.lease.epoch { throw MetadataError.invalid }
    if row.epoch == request.lease.epoch {
      commit(
        .epochFenced(request.lease.partition, epoch: row.epoch),
        announcing: .epochFenced(request.lease.partition, epoch: row.epoch))
      leaseEnds[request.lease.partition] = nil
      leaseWaits.notify(request.lease.partition)
    }
    let end = state.registeredEnd(request.lease.partition, epoch: request.lease.epoch)
    try await journal.settled()
    return FenceEpoch.Response(registeredEnd: end)
  }

  private func register(_ request: RegisterSegment) async throws -> RegisterSegment.Response {
    try begin()
    let row = try partition(request.partition)
    guard request.row.base < request.row.end else { throw MetadataError.invalid }
    if let known = row.segments.last(where: { $0.base <= request.row.base }), known.base == request.row.base {
      guard known == request.row else {
        host.probe(.registrationRefusedByEpoch)
        throw MetadataError.fenced(current: row.epoch)
      }
      host.probe(.registrationRepeated)
      try await journal.settled()
      return RegisterSegment.Response(watermark: known.end)
    }
    do {
      try require(
        .epochIsCurrent, of: configuration.safeguards, row.epoch == request.row.epoch,
        else: MetadataError.fenced(current: row.epoch))
    } catch {
      host.probe(.registrationRefusedByEpoch)
      throw error
    }
    try require(
      .baseIsWatermark, of: configuration.safeguards, row.watermark == request.row.base,
      else: MetadataError.notAtWatermark(row.watermark))
    if let end = leaseEnds[request.partition], end <= host.now { host.probe(.registrationWhileLeaseExpired) }
    commit(
      .segmentRegistered(request.partition, request.row, request.batches),
      announcing: .segmentRegistered(request.partition, request.row))
    segmentArrived(request.partition)
    try await journal.settled()
    return RegisterSegment.Response(watermark: request.row.end)
  }
}
