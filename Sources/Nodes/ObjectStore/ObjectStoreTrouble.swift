import Simulation

/// What can become of one request to the object store, besides being served.
enum RequestOutcome: UInt64, CaseIterable {
  /// 503 before it is applied.
  case unavailable = 1
  /// 500 before it is applied.
  case internalError = 2
  /// 502 before it is applied.
  case badGateway = 3
  /// No answer, and it is never applied.
  case neverApplied = 4
  /// Applied, and answered with 500: the caller must not conclude that nothing happened.
  case appliedThenError = 5
  /// Applied, and never answered.
  case appliedThenSilence = 6
  /// Applied half a minute later than it should be, and never answered.
  case appliedLate = 7
  /// 503 SlowDown.
  case slowDown = 8

  /// The error that is answered at once, without applying the request.
  var refusal: ObjectStoreError? {
    switch self {
    case .unavailable: .unavailable
    case .internalError: .internalError
    case .badGateway: .badGateway
    case .slowDown: .slowDown
    case .neverApplied, .appliedThenError, .appliedThenSilence, .appliedLate: nil
    }
  }
}

/// The faults of an object store that are in force.
///
/// Names and values as in a fault script: `objectStoreOutage` []; `objectStoreErrors` [before, after] and `objectStoreLate` [share], in parts per million; `objectStoreThrottle` [share]; `objectStoreSlow` [factor].
struct ObjectStoreTrouble {
  private var inForce: [(name: String, values: [Int64])] = []
  /// The odds of every outcome now, in parts per million.
  private(set) var odds: [(outcome: UInt64, partsPerMillion: UInt32)] = []
  /// How many times longer than usual requests take.
  private(set) var slowdown: Int64 = 1

  mutating func change(_ name: String, _ values: [Int64], begins: Bool) {
    if begins {
      inForce.append((name, values))
    } else if let index = inForce.firstIndex(where: { $0.name == name && $0.values == values }) {
      inForce.remove(at: index)
    }
    odds = []
    slowdown = 1
    for (name, values) in inForce { add(name, values) }
  }

  private mutating func add(_ name: String, _ values: [Int64]) {
    switch name {
    case "objectStoreOutage": odds.append((RequestOutcome.unavailable.rawValue, 1_000_000))
    case "objectStoreErrors":
      // Shares of errors before a request is applied: 503 40 %, 500 30 %, 502 15 %, silence the rest.
      let before = values.first ?? 0
      add(.unavailable, before * 40 / 100)
      add(.internalError, before * 30 / 100)
      add(.badGateway, before * 15 / 100)
      add(.neverApplied, before * 15 / 100)
      let after = values.count > 1 ? values[1] : 0
      add(.appliedThenError, after / 2)
      add(.appliedThenSilence, after / 2)
    case "objectStoreLate": add(.appliedLate, values.first ?? 0)
    case "objectStoreThrottle": add(.slowDown, values.first ?? 0)
    case "objectStoreSlow": slowdown = slowdown * max(1, values.first ?? 1)
    default: break
    }
  }

  private mutating func add(_ outcome: RequestOutcome, _ partsPerMillion: Int64) {
    if partsPerMillion > 0 { odds.append((outcome.rawValue, UInt32(min(partsPerMillion, 1_000_000)))) }
  }
}
