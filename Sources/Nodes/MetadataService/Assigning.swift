import Simulation

/// How the metadata service hears of agents and decides what each is to lead.
extension MetadataService {
  /// Whether a lease may be granted to somebody else although its term is not over.
  func isOver(_ holder: AgentIncarnation) -> Bool { agents.isOver(holder) }

  /// The agents that are alive, in order.
  var liveAgents: [AssignableAgent] { agents.living(at: host.now, timeout: configuration.agentTimeout) }

  func heartbeat(_ request: AgentHeartbeat, from sender: Sender) async throws -> AgentHeartbeat.Response {
    try begin()
    agents.heard(from: sender, zone: request.zone, isLeaving: request.isLeaving, at: host.now)
    let asker = AgentIncarnation(agent: sender.host, incarnation: sender.incarnation)
    for load in request.loads where holder(of: load.partition) == asker { loads[load.partition] = load.bytes }
    assign()
    try await journal.settled()
    return AgentHeartbeat.Response(
      assigned: assignment.partitions(of: sender.host), handovers: handovers(of: asker),
      liveAgents: liveAgents.count, quotas: quotaShares(of: sender.host))
  }

  func leave(_ request: LeaveCluster, from sender: Sender) async throws -> LeaveCluster.Response {
    try begin()
    agents.left(sender, at: host.now)
    assign()
    // Whoever waits for a lease that this incarnation still has need not wait longer.
    for partition in state.topics.partitions { leaseWaits.notify(partition) }
    try await journal.settled()
    return LeaveCluster.Response()
  }

  private func holder(of partition: TopicPartition) -> AgentIncarnation? {
    state.topics.read(partition) { $0.holder } ?? nil
  }

  /// What an agent leads and somebody else is to lead, who is ready to.
  private func handovers(of holder: AgentIncarnation) -> [Handover] {
    state.topics.partitions.compactMap { partition in
      guard self.holder(of: partition) == holder, let owner = assignment.owner(of: partition), owner != holder.agent,
        leaseWaits.waits(owner, for: partition)
      else { return nil }
      return Handover(partition: partition, successor: owner)
    }
  }

  /// Balances when somebody came or went or there are other partitions, at once; and now and then for the load.
  private func assign() {
    guard host.now - startedAt >= configuration.assignmentDelay else { return }
    let basis = AssignmentBasis(
      agents: agents.assignable(at: host.now, timeout: configuration.agentTimeout), partitions: state.topics.partitions)
    guard basis != assignedFor || host.now - balancedAt >= configuration.rebalanceInterval else { return }
    assignedFor = basis
    balancedAt = host.now
    let moved = assignment.balance(basis.partitions, among: basis.agents, loads: loads) { holder(of: $0)?.agent }
    for partition in moved { leaseWaits.notify(partition) }
  }
}

/// What an assignment was made for.
struct AssignmentBasis: Equatable {
  var agents: [AssignableAgent] = []
  var partitions: [TopicPartition] = []
}
