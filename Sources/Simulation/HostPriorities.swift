/// Which host's job runs next, by drawn priorities: a schedule that needs d orderings to go wrong is found with a probability that does not shrink with the number of jobs, but by d.
///
/// After "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs" (Burckhardt, Kothari, Musuvathi, Nagarakatte, 2010), with hosts in the place of threads.
struct HostPriorities {
  private static let stream = RandomStreamName("schedule.priorities")
  /// How often a host falls behind in a run.
  private static let changePoints = 3

  private let randomness: Randomness
  /// The choices, by number, at which the host that would run falls behind.
  private var changes: [UInt64]
  /// The priorities of those that fell behind: below all others, the latest the lowest.
  private var fallen: [HostID] = []
  private var steps: UInt64 = 0
  /// Drawn priorities by the hosts' numbers; a comparison must not cost a draw.
  private var priorities: [UInt64] = []

  init(_ randomness: Randomness) {
    self.randomness = randomness
    // Runs differ in length by orders of magnitude: a point falls into each order equally often.
    changes = (0..<Self.changePoints).map { index in
      let magnitude = randomness.draw(Self.stream, key: 1, ordinal: UInt64(index)).scaled(below: 20)
      return (1 << magnitude)
        + randomness.draw(Self.stream, key: 2, ordinal: UInt64(index)).scaled(below: 1 << magnitude)
    }
  }

  /// The place of the first job of the host with the highest priority.
  mutating func next(_ enabled: Int, _ host: (Int) -> HostID) -> Int {
    steps += 1
    var place = first(enabled, host)
    if changes.contains(steps) {
      let falls = host(place)
      fallen.removeAll { $0 == falls }
      fallen.append(falls)
      place = first(enabled, host)
    }
    return place
  }

  private mutating func first(_ enabled: Int, _ host: (Int) -> HostID) -> Int {
    var best = 0
    var highest = host(0)
    for place in 1..<max(enabled, 1) {
      let other = host(place)
      guard other != highest, isHigher(other, than: highest) else { continue }
      (best, highest) = (place, other)
    }
    return best
  }

  private mutating func isHigher(_ left: HostID, than right: HostID) -> Bool {
    if fallen.isEmpty { return (priority(left), left) > (priority(right), right) }
    switch (fallen.firstIndex(of: left), fallen.firstIndex(of: right)) {
    case (nil, nil): return (priority(left), left) > (priority(right), right)
    case (let left?, let right?): return left < right
    case (let left, _): return left == nil
    }
  }

  private mutating func priority(_ host: HostID) -> UInt64 {
    let number = Int(host.rawValue)
    while priorities.count <= number {
      priorities.append(randomness.draw(Self.stream, key: 3, ordinal: UInt64(priorities.count)))
    }
    return priorities[number]
  }
}
