import Simulation

/// How many records a producer may send to an agent.
public struct CreditConfiguration: Sendable, Hashable {
  /// The credits of a producer that is seen for the first time; the original's figure.
  public var initial: Int64 = 10_000
  /// The most that a producer can have; the original's figure.
  public var most: Int64 = 100_000
  /// How many come a second; the original's figure. 0 admits everything.
  public var refill: Int64 = 5_000

  /// Makes the original's figures.
  public init() {}
}

/// Who a producer is to admission control: an idempotent producer's identity, else the machine that sends.
enum AdmissionKey: Sendable, Hashable {
  case producer(UInt64)
  case machine(HostID)
}

/// Credits of producers: a record costs one, and they come back with time.
///
/// A state machine that is told the time, by a clock that never goes back. A producer that has not been heard of for so long that it would have everything is forgotten when there are many.
struct CreditBook {
  private struct Account {
    var credits: Int64
    var at: VirtualTime
  }

  /// How many accounts are kept without looking for idle ones.
  static let roomyCount = 10_000

  private let configuration: CreditConfiguration
  private var accounts: [AdmissionKey: Account] = [:]

  init(_ configuration: CreditConfiguration) { self.configuration = configuration }

  var accountCount: Int { accounts.count }

  /// How long a producer has to wait until it may send so many records; nil when it may now. Nothing is taken yet.
  mutating func wait(of key: AdmissionKey, for records: Int, at now: VirtualTime) -> VirtualDuration? {
    guard configuration.refill > 0 else { return nil }
    let account = refilled(key, at: now)
    accounts[key] = account
    let deficit = cost(records) - account.credits
    guard deficit > 0 else { return nil }
    return .milliseconds((deficit * 1_000 + configuration.refill - 1) / configuration.refill)
  }

  /// Takes what so many records cost.
  mutating func charge(_ key: AdmissionKey, for records: Int, at now: VirtualTime) {
    guard configuration.refill > 0 else { return }
    var account = refilled(key, at: now)
    account.credits -= cost(records)
    accounts[key] = account
    if accounts.count > Self.roomyCount { forgetIdle(at: now) }
  }

  /// A batch that costs more than anybody can have takes all there is.
  private func cost(_ records: Int) -> Int64 { min(max(Int64(records), 1), configuration.most) }

  private func refilled(_ key: AdmissionKey, at now: VirtualTime) -> Account {
    guard var account = accounts[key] else { return Account(credits: configuration.initial, at: now) }
    let milliseconds = min((now - account.at).nanoseconds / 1_000_000, 1_000_000_000)
    let gained = configuration.refill * milliseconds / 1_000
    guard gained > 0 else { return account }
    account.credits = min(account.credits + gained, configuration.most)
    account.at = now
    return account
  }

  private mutating func forgetIdle(at now: VirtualTime) {
    let whole = VirtualDuration.seconds(configuration.most / configuration.refill + 1)
    accounts = accounts.filter { now - $0.value.at < whole }
  }
}
