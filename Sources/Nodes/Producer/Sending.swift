import DequeModule
import Simulation
import Storage

/// How batches leave: which of a lane may, on which connection, several in one message where several are ready for one agent.
extension Producer {
  /// The batches of one message.
  private struct Outbox {
    let leader: HostID
    var batches: [OutgoingBatch] = []
  }

  /// Looks at the lanes for which something has changed, and sends what may be sent.
  func sendMarked() {
    guard !marked.isEmpty else { return }
    var outboxes: [Outbox] = []
    var next = 0
    // Looking at a lane may settle its batches, and so mark it again.
    while next < marked.count {
      let lane = marked[next]
      next += 1
      lane.isMarked = false
      lane.wakeAt = nil
      collect(lane) { batch, leader in
        if let known = outboxes.firstIndex(where: { $0.leader == leader }) {
          outboxes[known].batches.append(batch)
        } else {
          outboxes.append(Outbox(leader: leader, batches: [batch]))
        }
      }
    }
    marked.removeAll(keepingCapacity: true)
    for outbox in outboxes { send(outbox.batches, to: outbox.leader) }
  }

  /// Hands out the batches of a lane that may be sent now; of the first that may not, sees to it that it will be.
  ///
  /// Up to the limit in flight, in order. What was refused is sent again in one message with what was behind it, and then nothing more until the first is settled: it would only be refused.
  private func collect(_ lane: Lane, _ body: (OutgoingBatch, HostID) -> Void) {
    let limit = configuration.isIdempotent ? configuration.inFlight : 1
    var position = 0
    var isResending = false
    while position < min(limit, lane.queue.count) {
      let batch = lane.queue[position]
      // Never further ahead of the oldest than agents remember batches: were that one sent again, its offset would be forgotten.
      if batch.ordinal - lane.queue[0].ordinal >= UInt64(limit) { return }
      switch batch.state {
      case .sent:
        if batch.isRetrying || (configuration.isIdempotent && batch.identity != identity) { return }
        position += 1
      case .waiting:
        if position > 0 && batch.isRetrying && !isResending { return }
        if lane.topic.isGone || batch.deadline <= host.now || isAbandoned(batch) {
          giveUp(batch)
          continue
        }
        guard takeNumber(batch) else { continue }
        guard let leader = leaderReady(for: batch) else { return }
        batch.state = .sent
        body(batch, leader)
        if batch.isRetrying && position > 0 { host.probe(.batchesSentAgainTogether) }
        if batch.isRetrying { isResending = true }
        position += 1
      case .gathering, .settled: return
      }
    }
  }

  /// Its time is over, or there is nowhere to send it.
  private func giveUp(_ batch: OutgoingBatch) {
    giveUpNumber(of: batch)
    settle(batch, batch.mayBeStored ? .unknown : .failed)
  }

  /// The leader to whom a batch may be sent now; nil when that has to wait, and the lane is woken then.
  private func leaderReady(for batch: OutgoingBatch) -> HostID? {
    let lane = batch.lane
    if batch.notBefore > host.now {
      wake(lane, at: min(batch.notBefore, batch.deadline))
      return nil
    }
    guard !configuration.isIdempotent || batch.identity != nil else {
      askForIdentity()
      wake(lane, at: batch.deadline)
      return nil
    }
    if lane.leader != nil, host.fires(.routeForgotten) { lane.leader = nil }
    guard let leader = lane.leader else {
      if lane.topic.asking == nil && host.now < lane.topic.askAgainAt {
        wake(lane, at: min(lane.topic.askAgainAt, batch.deadline))
      } else {
        askForLeaders(of: lane.topic)
        wake(lane, at: batch.deadline)
      }
      return nil
    }
    if host.now - lane.topic.askedAt >= configuration.routeRefreshInterval { askForLeaders(of: lane.topic) }
    return leader
  }

  // MARK: Messages

  private func send(_ batches: [OutgoingBatch], to leader: HostID) {
    var place = connections.place(for: leader, at: host.now)
    if case .open(let idle) = place, idle.underWay == 0, host.fires(.connectionClosed) {
      connections.close(idle)
      place = connections.place(for: leader, at: host.now)
    }
    switch place {
    case .open(let connection): post(batches, on: connection)
    case .toOpen(let connection):
      hold(batches)
      host.spawn("open a connection", on: self) { try await $0.open(connection) }
    case .none:
      if connections.isExhausted(to: leader) { host.probe(.connectionsExhausted) }
      hold(batches)
    }
  }

  /// There is no connection yet: the batches go when there is one.
  private func hold(_ batches: [OutgoingBatch]) {
    for batch in batches {
      batch.state = .waiting
      waitingForConnection.append(batch.lane)
      wake(batch.lane, at: batch.deadline)
    }
  }

  // The first request of a connection waits for one round trip.
  private func open(_ connection: Connection) async throws {
    var isOpen = true
    do {
      _ = try await host.call(
        OpenConnection(), to: connection.agent, deadline: configuration.connections.openTimeout)
    } catch is NetworkError {
      isOpen = false
    }
    connections.opened(connection, successfully: isOpen, at: host.now)
    if !isOpen { failToConnect(to: connection.agent) }
    releaseHeld()
  }

  private func failToConnect(to agent: HostID) {
    host.probe(.connectionNotOpened)
    for lane in waitingForConnection where lane.leader == agent {
      // Nothing of it was sent: whoever leads now has to be asked for. Those before it may be under way still.
      forget(agent, of: lane)
      for batch in lane.queue {
        guard case .waiting = batch.state else { continue }
        delay(batch)
        break
      }
    }
  }

  /// A connection was opened or has become free: who waited for one is looked at again.
  func releaseHeld() {
    guard !waitingForConnection.isEmpty else { return }
    let lanes = waitingForConnection
    waitingForConnection = []
    for lane in lanes { mark(lane) }
  }

  private func post(_ batches: [OutgoingBatch], on connection: Connection) {
    var requests: [(request: Produce, deadline: VirtualDuration)] = []
    requests.reserveCapacity(batches.count)
    for batch in batches {
      guard let records = batch.records else { continue }
      note(batch, to: connection.agent)
      var request = Produce(
        partition: batch.lane.partition, batch: records, producer: batch.identity, sequence: batch.sequence,
        acknowledgement: configuration.acknowledgement)
      request.transaction = batch.transaction?.id.number
      request.continuesMessage = !requests.isEmpty
      requests.append((request, min(configuration.retry.requestTimeout, batch.deadline - host.now)))
    }
    connections.sent(requests.count, on: connection, at: host.now)
    statistics.messages += 1
    statistics.tries += requests.count
    if requests.count > 1 { host.probe(.batchesSharedMessage) }
    host.post(requests, to: connection.agent, from: self) { producer, index, result in
      producer.receive(result, of: batches[index], on: connection)
    }
  }

  private func note(_ batch: OutgoingBatch, to leader: HostID) {
    if let earlier = batch.latestLeader, earlier != leader { host.probe(.batchReroutedToNewLeader) }
    batch.latestLeader = leader
    batch.attempts += 1
  }

  // MARK: Answers

  private func receive(
    _ result: Result<Produce.Response, any Error>, of batch: OutgoingBatch, on connection: Connection
  ) {
    let wasFull = connection.underWay >= configuration.connections.requestsAtOnce
    switch result {
    case .success(let answer):
      connections.answered(on: connection, at: host.now)
      batch.acknowledgedBy = connection.agent
      settle(batch, .acknowledged(answer.offset))
    case .failure(let refusal as ProduceError):
      connections.answered(on: connection, at: host.now)
      consider(refusal, batch, connection.agent)
    case .failure(NetworkError.refused):
      _ = connections.failed(on: connection)
      connections.agentIsGone(connection.agent)
      forget(connection.agent, of: batch.lane)
      sendAgain(batch)
      releaseHeld()
    case .failure(let error):
      // No answer: the batch may be stored, unless the network knows better.
      if (error as? NetworkError)?.leavesOutcomeOpen ?? true { batch.mayBeStored = true }
      if connections.failed(on: connection) { host.probe(.connectionUnhealthy) }
      forget(connection.agent, of: batch.lane)
      sendAgain(batch)
      releaseHeld()
    }
    if wasFull { releaseHeld() }
  }

  private func consider(_ refusal: ProduceError, _ batch: OutgoingBatch, _ leader: HostID) {
    switch refusal {
    case .notLeader: forget(leader, of: batch.lane)
    case .moved(let successor):
      if follow(successor, after: leader, batch) { return }
    case .overloaded(let wait), .quotaExceeded(let wait): batch.notBefore = host.now + wait
    case .outOfSequence: break
    case .outcomeUnknown:
      batch.mayBeStored = true
      forget(leader, of: batch.lane)
    case .producerFenced:
      if batch.transaction != nil {
        transactions.isFenced = true
        markAll()
      }
      return settle(batch, batch.mayBeStored ? .unknown : .failed)
    // Its number is used up, and its transaction can only be aborted.
    case .transactionOver: return settle(batch, .unknown)
    case .invalid: return giveUp(batch)
    }
    batch.redirects = 0
    sendAgain(batch)
  }

  /// The leader named its successor: the batch goes there at once. Those who name each other are not believed for long.
  private func follow(_ successor: HostID, after leader: HostID, _ batch: OutgoingBatch) -> Bool {
    batch.redirects += 1
    guard batch.redirects <= Self.followedRedirects else {
      forget(leader, of: batch.lane)
      return false
    }
    redirect(batch.lane, from: leader, to: successor)
    host.probe(.batchRetried)
    host.probe(.batchRedirected)
    batch.state = .waiting
    batch.isRetrying = true
    mark(batch.lane)
    return true
  }

  /// How many successors in a row are believed without asking the metadata service.
  private static let followedRedirects = 2

  private func sendAgain(_ batch: OutgoingBatch) {
    batch.state = .waiting
    guard configuration.retry.allowsRetry(after: batch.attempts) else {
      host.probe(.retriesExhausted)
      return giveUp(batch)
    }
    host.probe(.batchRetried)
    // Those behind the first come again when it is their turn.
    if batch.lane.queue.first === batch { tryLater(batch) } else { batch.isRetrying = true }
    mark(batch.lane)
  }

  /// The batch waits before the next try, and those behind it until it is settled.
  private func tryLater(_ batch: OutgoingBatch) {
    delay(batch)
    batch.isRetrying = true
  }

  /// The more often a batch could not be sent, the longer it waits.
  private func delay(_ batch: OutgoingBatch) {
    let begin = max(batch.notBefore, host.now)
    batch.notBefore = begin + configuration.retry.spreadWait(beforeRetry: batch.failures, &randomness)
    batch.failures += 1
  }
}
