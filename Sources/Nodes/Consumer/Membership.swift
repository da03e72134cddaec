import Simulation

/// How a consumer takes part in its group, where it does so by the group protocol.
public struct GroupProtocol: Sendable, Hashable {
  /// How partitions are shared; all members have to want the same.
  public var assignor = GroupAssignor.sticky
  /// The name of a static member: should its process die and come back within the session timeout, it goes on with its partitions, and nobody else notices.
  public var instance: String?
  /// After how long without a heartbeat the member is taken for dead and its partitions go to others.
  public var sessionTimeout = VirtualDuration.seconds(10)
  /// How long the metadata service may hold back the answer to a heartbeat that would change nothing.
  public var heartbeatInterval = VirtualDuration.seconds(3)
  /// How long the application may take between two polls before the consumer leaves the group on its behalf.
  public var maxPollInterval = VirtualDuration.seconds(300)

  /// Makes the default protocol.
  public init() {}

  /// - Throws: ``ConsumerError/invalidConfiguration(_:)``.
  func validate() throws(ConsumerError) {
    if heartbeatInterval.nanoseconds < 1 || heartbeatInterval * 2 > sessionTimeout {
      throw .invalidConfiguration(
        "heartbeats every \(heartbeatInterval) do not keep a session of \(sessionTimeout): at most half of it")
    }
    if instance?.isEmpty == true {
      throw .invalidConfiguration("the static member's name is empty: give it one or none at all")
    }
  }
}

/// A consumer's part in its group. Sendable because it never leaves its host.
final class Membership: @unchecked Sendable {
  /// The member's number; nil while it is none.
  var member: UInt64?
  /// The generation of the share that was taken up.
  var generation: UInt64 = 0
  /// When the latest request that was answered was sent: the session counts from no earlier.
  var lastContact = VirtualTime.start
  /// The number of this joining.
  var request: UInt64 = 0
  /// Rises whenever the membership is over: an answer to what was asked before no longer counts.
  var attempt: UInt64 = 0
  /// Partitions that the next poll gives back.
  var leaving: [TopicPartition] = []
  /// Partitions that were given back under this generation: they are taken up again only under another one.
  var givenBack: [TopicPartition] = []
  /// Whether partitions were lost with records that were handed out and not committed.
  var hasLostUncommitted = false
  /// Why there will be no membership.
  var failure: ConsumerError?
  var isPolling = false
  var lastPoll = VirtualTime.start
  /// Rung when the application polls, and when a poll has given partitions back.
  let progress: Signal

  /// As whom the consumer commits.
  var asCommitter: GroupMembership? { member.map { GroupMembership(member: $0, generation: generation) } }

  init(host: Host) { progress = Signal(on: host, "the application to poll") }
}

extension Consumer {
  /// Joins the group and does what it says, until the consumer is closed.
  func takePart(_ membership: Membership, _ configured: GroupProtocol, as group: String) async throws {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    let run = memberships
    while life == .started, run == memberships {
      if host.fires(.groupHeartbeatLate) { try await host.sleep(for: configured.heartbeatInterval) }
      if !membership.isPolling, host.now - membership.lastPoll > configured.maxPollInterval {
        try await stepOut(membership, group)
        continue
      }
      let attempt = membership.attempt
      do {
        let begin = host.now
        let share = try await askForShare(membership, configured, as: group)
        guard life == .started, run == memberships, attempt == membership.attempt else { continue }
        membership.lastContact = begin
        try await takeUp(share, membership, configured, attempt)
        backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
        continue
      } catch MetadataError.unknownMember {
        if attempt == membership.attempt { loseMembership() }
        continue
      } catch MetadataError.staleRequest {
        membership.request += 1
      } catch MetadataError.instanceTaken {
        return giveUp(membership, .instanceTaken(configured.instance ?? ""))
      } catch MetadataError.assignorDiffers(let assignor) {
        return giveUp(membership, .assignorDiffers(assignor))
      } catch is MetadataError {
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  private func askForShare(
    _ membership: Membership, _ configured: GroupProtocol, as group: String
  ) async throws -> GroupShare {
    guard let member = membership.member else {
      return try await host.call(
        JoinGroup(
          group: group, request: membership.request, topics: subscription.topicNames, instance: configured.instance,
          assignor: configured.assignor, sessionTimeout: configured.sessionTimeout),
        to: addresses.metadata, deadline: configuration.metadataTimeout)
    }
    // What is to be given back stays owned until the application polls: saying so again at once would change nothing.
    if !membership.leaving.isEmpty { try await membership.progress.wait(atMost: configured.heartbeatInterval) }
    let wait = membership.leaving.isEmpty ? configured.heartbeatInterval : .zero
    return try await host.call(
      GroupHeartbeat(
        group: group, member: member, generation: membership.generation, owned: assignment, waitAtMost: wait),
      to: addresses.metadata, deadline: wait + configuration.metadataTimeout)
  }

  /// Takes up a share: what is new begins at once, what is missing is given back by the next poll.
  private func takeUp(
    _ share: GroupShare, _ membership: Membership, _ configured: GroupProtocol, _ attempt: UInt64
  ) async throws {
    membership.member = share.member
    if membership.generation != share.generation { membership.givenBack = [] }
    membership.generation = share.generation
    membership.leaving = assignment.filter { !share.partitions.contains($0) }
    if !membership.leaving.isEmpty {
      if membership.isPolling { host.probe(.rebalanceDuringPoll) }
      arrival.notify()
    }
    let new = share.partitions.filter { reader(of: $0) == nil && !membership.givenBack.contains($0) }
    guard !new.isEmpty else { return }
    let begun = try await makeReaders(new)
    guard attempt == membership.attempt, life == .started else { return }
    readers = (readers + begun).sorted { $0.partition < $1.partition }
    host.probe(.partitionsAssigned)
    host.emit(
      ConsumerAssigned(
        group: configuration.group ?? "", generation: share.generation,
        positions: begun.map { CommittedOffset(partition: $0.partition, offset: $0.position) }))
    if configuration.offsetReset == .latest, configuration.autoCommitInterval != nil {
      // A successor must not begin at a later end: what came in between would be read by nobody.
      try await storePositions()
    }
    beginFollowing()
    arrival.notify()
  }

  /// Gives back what another member is to have. Called by polls only: everything that earlier ones have handed out is handled.
  func giveBack() async throws {
    guard let membership, !membership.leaving.isEmpty else { return }
    if configuration.autoCommitInterval != nil { try await storePositions() }
    let leaving = membership.leaving
    membership.leaving = []
    membership.givenBack += leaving
    drop(leaving, isLost: false)
    membership.progress.notify()
  }

  /// The membership is over without this consumer's doing, or must be taken for over: its partitions may be others' by now.
  func loseMembership() {
    guard let membership else { return }
    membership.member = nil
    membership.attempt += 1
    membership.request += 1
    membership.leaving = []
    membership.givenBack = []
    if readers.contains(where: { $0.position != $0.committed }) { membership.hasLostUncommitted = true }
    drop(assignment, isLost: true)
    membership.progress.notify()
  }

  private func drop(_ partitions: [TopicPartition], isLost: Bool) {
    let dropped = readers.filter { partitions.contains($0.partition) }
    guard !dropped.isEmpty else { return }
    for reader in dropped { reader.abandonFetch() }
    readers.removeAll { partitions.contains($0.partition) }
    host.probe(isLost ? .partitionsLost : .partitionsRevoked)
    host.emit(
      ConsumerRevoked(group: configuration.group ?? "", partitions: dropped.map(\.partition), isLost: isLost))
    beginFollowing()
  }

  /// Loses the membership when nothing was heard from the service for a whole session: others may have the partitions.
  func requireLiveSession() throws(ConsumerError) {
    guard let membership, let configured = configuration.groupProtocol else { return }
    if let failure = membership.failure { throw failure }
    if membership.member != nil, host.now - membership.lastContact >= configured.sessionTimeout {
      host.probe(.sessionEndedByOwnClock)
      loseMembership()
    }
  }

  /// Whether so much of its session has gone by without a word of the service that others may have its partitions already, by a clock a little faster than this one.
  public var isSessionInDoubt: Bool {
    guard let membership, membership.member != nil, let configured = configuration.groupProtocol else { return false }
    return host.now - membership.lastContact >= configured.sessionTimeout * 9 / 10
  }

  /// Leaves the group while the application does not poll; comes back when it does.
  private func stepOut(_ membership: Membership, _ group: String) async throws {
    host.probe(.applicationTooSlow)
    let member = membership.member
    loseMembership()
    if let member { try await leave(group, member) }
    let lastPoll = membership.lastPoll
    while life == .started, !membership.isPolling, membership.lastPoll == lastPoll {
      try await membership.progress.wait()
    }
  }

  /// Ends a membership; should that get lost, the session's end does it.
  func leave(_ group: String, _ member: UInt64) async throws {
    do {
      _ = try await host.call(
        LeaveGroup(group: group, member: member), to: addresses.metadata, deadline: configuration.metadataTimeout)
    } catch is MetadataError {
    } catch is NetworkError {
    }
  }

  private func giveUp(_ membership: Membership, _ failure: ConsumerError) {
    loseMembership()
    membership.failure = failure
    arrival.notify()
  }
}
