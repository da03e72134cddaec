import Simulation

/// The faults of an object store that are in force.
struct ObjectStoreTrouble {
  private var inForce: [ObjectStoreFault] = []

  mutating func change(_ fault: ObjectStoreFault, begins: Bool) {
    if begins {
      inForce.append(fault)
    } else if let index = inForce.firstIndex(of: fault) {
      inForce.remove(at: index)
    }
  }

  /// What can become of one request, with its odds.
  func odds(of key: ObjectKey, _ operation: ObjectStoreOperation, from client: HostID) -> [RequestOdds] {
    var odds: [RequestOdds] = []
    for fault in inForce {
      func add(_ outcome: RequestOutcome, _ share: UInt32) {
        guard share > 0 else { return }
        odds.append(
          RequestOdds(outcome: outcome.rawValue, partsPerMillion: min(share, 1_000_000), kind: fault.name))
      }
      func addErrorsBefore(_ share: UInt32) {
        add(.unavailable, Self.percent(40, of: share))
        // The error of a completion can come inside of an answer that begins like a success.
        add(operation == .complete ? .failedAfterAll : .internalError, Self.percent(30, of: share))
        add(.badGateway, Self.percent(15, of: share))
        add(.neverApplied, Self.percent(15, of: share))
      }
      switch fault {
      case .outage: add(.unavailable, 1_000_000)
      case .errors(let before, let after):
        addErrorsBefore(before)
        add(.appliedThenError, after / 2)
        add(.appliedThenSilence, after / 2)
      case .late(let share): add(.appliedLate, share)
      case .throttle(let share): add(.slowDown, share)
      case .slowTail(let share): add(.slowTail, share)
      case .slowPrefix(let prefix, _, let errors): if key.hasPrefix(prefix) { addErrorsBefore(errors) }
      case .expiredCredentials(client): add(.expiredCredentials, 1_000_000)
      case .shortPages(let share): if operation == .list { add(.shortPage, share) }
      case .slow, .rate, .expiredCredentials, .damage: break
      }
    }
    return odds
  }

  private static func percent(_ percent: UInt64, of share: UInt32) -> UInt32 { UInt32(UInt64(share) * percent / 100) }

  /// How many times longer than usual a request takes, and by which faults.
  func slowdown(of key: ObjectKey) -> (factor: Int64, kinds: [String]) {
    var slowdown: (factor: Int64, kinds: [String]) = (1, [])
    for fault in inForce {
      switch fault {
      case .slow(let factor): slowdown = (slowdown.factor * factor, slowdown.kinds + [fault.name])
      case .slowPrefix(let prefix, let factor, _) where key.hasPrefix(prefix) && factor > 1:
        slowdown = (slowdown.factor * factor, slowdown.kinds + [fault.name])
      default: break
      }
    }
    return slowdown
  }

  /// What is left of the usual request rates, in parts per million.
  var rate: Int64 {
    inForce.reduce(1_000_000) { left, fault in
      if case .rate(let share) = fault { left * Int64(share) / 1_000_000 } else { left }
    }
  }
}
