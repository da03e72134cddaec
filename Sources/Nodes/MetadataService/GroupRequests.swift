import Simulation

/// What members of groups ask: to join, what to work on, to leave.
///
/// Every change of who is a member gives each member a *target*, and members come to it step by step: what a member is to give up it reports no more, and only then is it given to another. Nobody waits for anybody else to join, and a change that does not concern a member does not disturb it.
extension MetadataService {
  nonisolated func serveGroups() {
    serve(JoinGroup.self) { try await $0.join($1, from: $2) }
    serve(GroupHeartbeat.self) { try await $0.heartbeat($1, from: $2) }
    serve(LeaveGroup.self) { try await $0.leave($1, from: $2) }
    serve(CommitOffsets.self) { try await $0.commitOffsets($1, from: $2) }
    serve(FetchOffsets.self) { service, request, _ in try await service.fetchOffsets(request) }
  }

  // MARK: Joining and leaving

  private func join(_ request: JoinGroup, from sender: Sender) async throws -> GroupShare {
    try begin()
    guard !request.group.isEmpty, !request.topics.isEmpty, request.sessionTimeout.nanoseconds > 0 else {
      throw MetadataError.invalid
    }
    let group = state.groups[request.group] ?? ConsumerGroups.Group(name: request.group)
    let joining = ConsumerGroups.Joining(host: sender.host, incarnation: sender.incarnation, request: request.request)
    if let latest = group.joins.first(where: { $0.host == sender.host }) {
      if (joining.incarnation, joining.request) < (latest.incarnation, latest.request) {
        throw MetadataError.staleRequest
      }
      if joining == latest { return try await repeatedJoin(joining, group) }
    }
    let known = group.members.first { member in
      member.instance.map { $0 == request.instance } ?? member.isHeld(by: sender)
    }
    if group.assignor != request.assignor, group.members.contains(where: { $0.id != known?.id }) {
      throw MetadataError.assignorDiffers(group.assignor)
    }
    let id = admit(request, joining, known, generation: group.generation + 1)
    let share = try share(of: id, in: request.group)
    try await journal.settled()
    return share
  }

  // The answer got lost, or the network delivered the request twice: the same membership, not another one.
  private func repeatedJoin(_ joining: ConsumerGroups.Joining, _ group: ConsumerGroups.Group) async throws -> GroupShare
  {
    guard let member = group.members.first(where: { $0.joining == joining }) else { throw MetadataError.staleRequest }
    host.probe(.joinRepeated)
    coordination.heard(member.id, in: group.name, at: host.now)
    retargetIfTopicsChanged(group.name)
    let share = try share(of: member.id, in: group.name)
    try await journal.settled()
    return share
  }

  /// Makes a member, or gives a known one a new holder. What a known one owns it keeps, under a new generation.
  private func admit(
    _ request: JoinGroup, _ joining: ConsumerGroups.Joining, _ known: ConsumerGroups.Member?, generation: UInt64
  ) -> UInt64 {
    let id = known?.id ?? generation
    let owned = (known?.owned ?? []).map { ConsumerGroups.OwnedPartition(partition: $0.partition, since: generation) }
    let member = ConsumerGroups.Member(
      id: id, instance: request.instance, joining: joining, topics: request.topics.sorted(),
      sessionTimeout: request.sessionTimeout, generation: generation, owned: owned)
    if let known, known.instance != nil, known.joining.incarnation != joining.incarnation {
      host.probe(.staticMemberReturned)
    }
    commit(
      .group(.memberPut(group: request.group, request.assignor, member)),
      announcing: .group(
        .memberJoined(
          group: request.group, member: id, by: joining.host, incarnation: joining.incarnation, generation: generation,
          isNew: known == nil)))
    coordination.heard(id, in: request.group, at: host.now)
    if known?.topics != member.topics || !coordination.knowsTargets(of: request.group) { retarget(request.group) }
    reconcile(id, in: request.group, reporting: member.partitions)
    wakeConcerned(in: request.group)
    sessionsChanged.notify()
    return id
  }

  private func leave(_ request: LeaveGroup, from sender: Sender) async throws -> LeaveGroup.Response {
    try begin()
    if let member = state.groups[request.group]?[request.member], member.isHeld(by: sender) {
      remove(member.id, from: request.group, hasLeft: true)
    }
    try await journal.settled()
    return LeaveGroup.Response()
  }

  func remove(_ id: UInt64, from name: String, hasLeft: Bool) {
    guard let group = state.groups[name] else { return }
    let generation = group.generation + 1
    commit(
      .group(.memberRemoved(group: name, member: id, generation: generation)),
      announcing: .group(.memberRemoved(group: name, member: id, generation: generation, hasLeft: hasLeft)))
    coordination.forget(id, in: name)
    retarget(name)
    wakeConcerned(in: name)
  }

  // MARK: Heartbeats

  private func heartbeat(_ request: GroupHeartbeat, from sender: Sender) async throws -> GroupShare {
    try begin()
    let member = try member(request.member, of: request.group, from: sender)
    guard request.generation <= member.generation else { throw MetadataError.unknownMember }
    if request.generation < member.generation { host.probe(.heartbeatOfOlderGeneration) }
    coordination.heard(member.id, in: request.group, at: host.now)
    retargetIfTopicsChanged(request.group)
    var share = try answer(request, from: sender)
    if share.generation == request.generation, share.partitions == request.owned.sorted(),
      request.waitAtMost.nanoseconds > 0
    {
      let limit = min(request.waitAtMost, member.sessionTimeout / 3)
      try await coordination.wait(for: member.id, in: request.group, on: host, atMost: limit)
      share = try answer(request, from: sender)
    }
    try await journal.settled()
    return share
  }

  /// Takes in what a member reports and says what it is to work on.
  private func answer(_ request: GroupHeartbeat, from sender: Sender) throws(MetadataError) -> GroupShare {
    let member = try member(request.member, of: request.group, from: sender)
    // What was said before the latest share was taken up gives nothing back.
    if request.generation == member.generation {
      reconcile(member.id, in: request.group, reporting: request.owned)
      wakeConcerned(in: request.group)
    }
    return try share(of: member.id, in: request.group)
  }

  private func member(
    _ id: UInt64, of group: String, from sender: Sender
  ) throws(MetadataError) -> ConsumerGroups.Member {
    guard let member = state.groups[group]?[id] else {
      host.probe(.memberFenced)
      throw .unknownMember
    }
    guard member.isHeld(by: sender) else {
      host.probe(.memberFenced)
      throw member.instance == nil ? .unknownMember : .instanceTaken
    }
    return member
  }

  /// What a member is to work on: what it owns and is to keep.
  private func share(of id: UInt64, in group: String) throws(MetadataError) -> GroupShare {
    guard let member = state.groups[group]?[id] else { throw .unknownMember }
    let target = coordination.target(of: id, in: group)
    return GroupShare(
      member: id, generation: member.generation, partitions: member.partitions.filter(target.contains))
  }

  // MARK: Coming to the target

  /// Moves a member toward its target, as far as what it reports and what others own allow.
  private func reconcile(_ id: UInt64, in name: String, reporting reported: [TopicPartition]) {
    guard let group = state.groups[name], let member = group[id] else { return }
    let kept = member.partitions.filter(reported.contains)
    if kept.count < member.owned.count { own(kept, member: id, in: name) }
    let target = coordination.target(of: id, in: name)
    // It gives up first what it is to give up.
    guard kept.allSatisfy(target.contains), kept.count < target.count else { return }
    let others = configuration.safeguards.contains(.givenBackBeforeTaken) ? group.members.filter { $0.id != id } : []
    let taken = Set(others.flatMap(\.partitions))
    let free = target.filter { !kept.contains($0) && !taken.contains($0) }
    if !free.isEmpty { own((kept + free).sorted(), member: id, in: name) }
  }

  private func own(_ partitions: [TopicPartition], member: UInt64, in name: String) {
    let generation = (state.groups[name]?.generation ?? 0) + 1
    commit(
      .group(.owned(group: name, member: member, generation: generation, partitions)),
      announcing: .group(.owned(group: name, member: member, generation: generation, partitions)))
  }

  /// Answers the members whose heartbeats are held back and who have something to do now.
  private func wakeConcerned(in name: String) {
    guard let group = state.groups[name] else { return }
    var taken: Set<TopicPartition>?
    for id in coordination.waiting(in: name) {
      guard let member = group[id] else {
        coordination.wake(id, in: name)
        continue
      }
      let target = coordination.target(of: id, in: name)
      let owned = member.partitions
      if owned == target { continue }
      let all = taken ?? Set(group.members.flatMap(\.partitions))
      taken = all
      let isConcerned = !owned.allSatisfy(target.contains) || target.contains { !all.contains($0) }
      if isConcerned { coordination.wake(id, in: name) }
    }
  }

  // MARK: Targets

  private func retarget(_ name: String) {
    guard let group = state.groups[name] else { return }
    let topics = subscribedTopics(of: group)
    let identifiers = Dictionary(topics.map { ($0.name, $0.topic.id) }, uniquingKeysWith: { first, _ in first })
    let members = group.members.map { member in
      AssignableMember(
        id: member.id, topics: member.topics.compactMap { identifiers[$0] },
        previous: coordination.knowsTargets(of: name)
          ? coordination.target(of: member.id, in: name) : member.partitions)
    }
    let shapes = topics.map(\.topic).sorted { $0.id < $1.id }
    coordination.setTargets(group.assignor.share(shapes, among: members), shapes, of: name)
  }

  private func retargetIfTopicsChanged(_ name: String) {
    guard let group = state.groups[name] else { return }
    let shapes = subscribedTopics(of: group).map(\.topic).sorted { $0.id < $1.id }
    guard shapes != coordination.shapes(of: name) else { return }
    retarget(name)
    wakeConcerned(in: name)
  }

  private func subscribedTopics(of group: ConsumerGroups.Group) -> [(name: String, topic: AssignableTopic)] {
    var seen: Set<String> = []
    var names: [String] = []
    for member in group.members {
      for name in member.topics where seen.insert(name).inserted { names.append(name) }
    }
    return names.compactMap { name in
      state.topics.topic(named: name).map { (name, AssignableTopic(id: $0.id, partitions: $0.partitions.count)) }
    }
  }

  // MARK: Sessions

  /// Gives every member its full time again: nobody could report while the service was down.
  func beginSessions() {
    for group in state.groups.groups where !group.members.isEmpty {
      for member in group.members { coordination.heard(member.id, in: group.name, at: host.now) }
      host.emit(
        ClusterEvent.group(
          .recovered(
            group: group.name, generation: group.generation,
            owned: group.members.map {
              GroupShare(member: $0.id, generation: $0.generation, partitions: $0.partitions)
            })))
    }
  }

  /// Removes members that were not heard of for too long, until the host crashes.
  func watchSessions() async throws {
    while true {
      var next: VirtualTime?
      for group in state.groups.groups {
        for member in group.members {
          let end = coordination.lastHeard(member.id, in: group.name) + member.sessionTimeout
          if end <= host.now {
            host.probe(.sessionExpired)
            remove(member.id, from: group.name, hasLeft: false)
          } else {
            next = min(next ?? end, end)
          }
        }
      }
      if let next { try await sessionsChanged.wait(atMost: next - host.now) } else { try await sessionsChanged.wait() }
    }
  }
}
