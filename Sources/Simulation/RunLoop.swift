extension Simulation {
  /// How many of the things due at one instant a choice of order looks at: a tick of ten thousand hosts must stay cheap.
  private static let simultaneousWindow = 64

  /// Runs until a time, a condition or a bound is reached, or nothing is left to happen.
  ///
  /// A bound on events is looked at between steps, so that the run stops after the whole step in which the event fell.
  ///
  /// - Parameter bounds: Where to stop.
  public func run(_ bounds: RunBounds) -> RunStop {
    asRunning { loop(bounds) }
  }

  private func loop(_ bounds: RunBounds) -> RunStop {
    var nextCheck = bounds.condition.map { now + $0.every }
    var untilClock = 1_024
    while true {
      if let stop = runReadyJobs(bounds) { return stop }
      untilClock -= 1
      if untilClock == 0 {
        untilClock = 1_024
        if bounds.wallTimeIsUp?() == true { return .outOfTime }
      }
      guard let time = queue.nextTime else { return stopWithNothingLeft(bounds) }
      if time > nextSample, takesSample(before: time, check: nextCheck, bound: bounds.time) { continue }
      if let check = nextCheck, let condition = bounds.condition, time > check, check <= bounds.time {
        self.time = check
        nextCheck = check + condition.every
        if condition.holds() { return .condition }
        continue
      }
      if time > bounds.time {
        if now < bounds.time { self.time = bounds.time }
        return .time
      }
      if time > now {
        self.time = time
        stepsAtInstant = 0
      }
      let item = choices.ordersSchedule ? chooseSimultaneous(at: time) : queue.popFirst()
      guard let item else { continue }
      currentEvent = item.cause
      step()
      item.fire(self)
    }
  }

  private func runReadyJobs(_ bounds: RunBounds) -> RunStop? {
    while true {
      if needsAttention {
        needsAttention = false
        drainLateHosts()
        if let defect {
          needsAttention = true
          return .defect(defect)
        }
      }
      if log.latest >= bounds.event { return .event(log.latest) }
      if log.latest >= bounds.events { return .tooManyEvents(log.latest) }
      guard let job = nextJob() else { break }
      currentEvent = job.cause
      actingMachine = job.host.machine
      step()
      job.run()
      if RunningThread.escape != nil { noteEscape() }
    }
    guard RunningThread.escape != nil || foreignJobs.areThere else { return nil }
    noteEscape()
    return defect.map { .defect($0) }
  }

  private func nextJob() -> ReadyJob? {
    guard choices.ordersSchedule && ready.count > 1 else { return ready.popFirst() }
    return ready.remove(at: choices.chooseNext(.readyJob, enabled: ready.count) { [ready] in ready.host(at: $0).id })
  }

  private func stopWithNothingLeft(_ bounds: RunBounds) -> RunStop {
    if let condition = bounds.condition, condition.holds() { return .condition }
    let waiting = waits()
    return waiting.isEmpty ? .nothingLeft : .stuck(waiting)
  }

  private func step() {
    stepsAtInstant += 1
    guard stepsAtInstant > configuration.standstillLimit else { return }
    stepsAtInstant = 0
    let wait = actingMachine?.current?.latestWait ?? ""
    fail(.standstill(host: actingMachine?.name ?? "", wait: "\(wait)", at: now))
  }

  private func chooseSimultaneous(at time: VirtualTime) -> Scheduled? {
    guard let first = queue.popFirst() else { return nil }
    guard queue.nextTime == time else { return first }
    var due = [first]
    while due.count < Self.simultaneousWindow, queue.nextTime == time, let next = queue.popFirst() { due.append(next) }
    let chosen = due.remove(at: choices.chooseNext(.simultaneous, enabled: due.count))
    for item in due { queue.reinsert(item, at: time) }
    return chosen
  }

  // MARK: Dead incarnations

  /// Runs the jobs of a dead incarnation, at once and outside of all choices: they can do nothing but end.
  func drain(_ host: Host) {
    drainingHost = host
    defer { drainingHost = nil }
    var left = configuration.standstillLimit
    while !host.drainQueue.isEmpty {
      let jobs = host.drainQueue
      host.drainQueue = []
      for job in jobs { job.run() }
      left -= jobs.count
      guard left > 0 else {
        host.drainQueue = []
        fail(.standstill(host: host.name, wait: "", at: now))
        return
      }
    }
  }

  func drainLateHosts() {
    while let host = lateHosts.popLast() { drain(host) }
  }
}
