import DequeModule

/// The figures of the simulated network.
public struct NetworkConfiguration: Sendable, Hashable {
  /// The least time from a machine to another in the same zone.
  public var latency = VirtualDuration.microseconds(250)
  /// What is added at the most, uniformly drawn for each message.
  public var jitter = VirtualDuration.microseconds(250)
  /// What a message between two zones takes more.
  public var crossZoneLatency = VirtualDuration.microseconds(500)
  /// The bandwidth of each machine's interface, bytes a second, each way. 10 Gbit/s.
  public var bytesPerSecond: Int64 = 1_250_000_000

  /// Makes the default network: one data centre.
  public init() {}
}

/// What can become of one message, besides arriving.
public enum MessageFault: UInt64, Sendable, Hashable, CaseIterable {
  /// It vanishes.
  case drop = 1
  /// It arrives twice.
  case duplicate = 2
  /// It arrives late, and later ones may overtake it.
  case delay = 3
  /// It arrives a little late, so that some later ones overtake it.
  case reorder = 4
  /// Its connection breaks: it is lost, and whoever waits for the answer hears of that.
  case reset = 5
}

/// Carries messages between machines: latency, order, bandwidth, partitions, and what goes wrong.
final class Network {
  /// A period in which messages of some links go wrong.
  struct Weather {
    let identifier: Int
    let kind: MessageFault
    let source: [HostID]
    let target: [HostID]
    let partsPerMillion: UInt32
    let extra: VirtualDuration
  }

  private static let latencyStream = RandomStreamName("network.latency")
  private static let delayStream = RandomStreamName("network.delay")
  private static let lossStream = RandomStreamName("network.loss")
  private static let duplicateStream = RandomStreamName("network.duplicate")
  private static let slowStream = RandomStreamName("network.slow")
  private static let reorderStream = RandomStreamName("network.reorder")
  private static let resetStream = RandomStreamName("network.reset")

  unowned(unsafe) let simulation: Simulation
  let configuration: NetworkConfiguration
  var weather: [Weather] = [] { didSet { updateCalm() } }
  /// Faults of single messages that a script lists: (link, ordinal) to (fault, extra delay).
  var listed: [UInt64: [UInt64: (MessageFault, VirtualDuration)]] = [:] { didSet { updateCalm() } }
  /// Whether no message can go wrong now.
  private var isCalm: Bool
  /// Whether weather draws; a script that lists the drawn faults of a run switches it off.
  var drawsWeather = true
  private(set) var messages: UInt64 = 0

  init(simulation: Simulation, configuration: NetworkConfiguration) {
    self.simulation = simulation
    self.configuration = configuration
    isCalm = !simulation.choices.isReplay
  }

  private func updateCalm() { isCalm = weather.isEmpty && listed.isEmpty && !simulation.choices.isReplay }

  static func linkKey(_ source: HostID, _ target: HostID) -> UInt64 {
    UInt64(source.rawValue) << 32 | UInt64(target.rawValue)
  }

  func cut(_ source: Machine, _ target: Machine, by change: Int) { source.links.link(to: target.id).cuts += change }

  // src -> CPU queue -> interface -> link (latency, order) -> dst
  func transmit(_ envelope: Envelope, departingAfter ready: VirtualTime) {
    let source = envelope.source
    let number = simulation.record(envelope.isReply ? .replySent : .sent, on: source.current) { log in
      log.number("message", UInt64(envelope.kind.code))
      if log.isTracing { log.show("name", "\"\(envelope.kind.name)\"") }
      log.number("to", UInt64(envelope.target.id.rawValue))
      envelope.describe(into: log)
    }
    envelope.cause = number
    messages += 1
    let size = Int64(envelope.size)
    if let watcher = simulation.watcher, let host = source.current { watcher.sent(bytes: Int(size), by: host) }
    let departure = source.departure(of: size, ready: ready, bytesPerSecond: configuration.bytesPerSecond)
    envelope.departure = departure
    let link = envelope.link
    link.sent += 1
    let ordinal = link.sent
    let key = Self.linkKey(source.id, envelope.target.id)
    let (fault, extra) = faultOfMessage(key, ordinal, envelope)
    if fault == .drop || link.cuts > 0 {
      lose(envelope, cause: number)
      return
    }
    guard let carried = carry(envelope, of: size, departure) else {
      lose(envelope, cause: number)
      return
    }
    let draw = simulation.randomness.draw(Self.latencyStream, key: key, ordinal: ordinal)
    var arrival = carried + latency(from: source, to: envelope.target, draw)
    envelope.isReset = fault == .reset
    if fault == .delay || fault == .reorder {
      arrival = arrival + extra
      envelope.keepsOrder = false
    } else {
      arrival = inOrder(arrival, on: link)
    }
    leave(envelope, at: arrival)
    if fault == .duplicate {
      let copy = envelope.copy()
      copy.cause = number
      copy.departure = departure
      copy.keepsOrder = false
      copy.isReset = envelope.isReset
      leave(copy, at: arrival + extra)
    }
  }

  private func lose(_ envelope: Envelope, cause: UInt64? = nil, becomesCause: Bool = false) {
    simulation.record(.dropped, on: nil, cause: cause, becomesCause: becomesCause) {
      $0.number("link", Self.linkKey(envelope.source.id, envelope.target.id))
    }
    if let watcher = simulation.watcher, let host = envelope.source.current { watcher.lostMessage(of: host) }
  }

  // Strictly later than the one before: messages due at one instant may be taken in any order.
  private func inOrder(_ arrival: VirtualTime, on link: Link) -> VirtualTime {
    let next = link.lastArrival + .nanoseconds(1)
    let placed = arrival < next ? next : arrival
    link.lastArrival = placed
    return placed
  }

  private func leave(_ envelope: Envelope, at arrival: VirtualTime) {
    guard let host = envelope.source.current, host.isPaused else {
      simulation.queue.insert(envelope, at: arrival)
      return
    }
    // Sent on a stalled host's behalf from outside: it counts as sent when the pause began, so that the end of the pause sends it.
    let stalled = simulation.now - host.pausedAt
    envelope.departure = envelope.departure - stalled
    envelope.time = arrival - stalled
    host.heldDepartures.append(envelope)
  }

  /// Lets a message go that a pause held; the link's order holds also for those that are sent after it.
  func release(_ envelope: Envelope, after pause: VirtualDuration) {
    envelope.departure = envelope.departure + pause
    var arrival = envelope.time + pause
    if envelope.keepsOrder, envelope.link.lastArrival < arrival { envelope.link.lastArrival = arrival }
    if arrival < simulation.now { arrival = simulation.now }
    simulation.queue.insert(envelope, at: arrival)
  }

  /// A machine without a running incarnation still answers that nobody is there.
  func transmitFromIdleMachine(_ envelope: Envelope) { transmit(envelope, departingAfter: simulation.now) }

  private func latency(from source: Machine, to target: Machine, _ draw: UInt64) -> VirtualDuration {
    let jitter = Int64(draw.scaled(below: UInt64(configuration.jitter.nanoseconds + 1)))
    var latency = configuration.latency + VirtualDuration(nanoseconds: jitter)
    if source.zone != target.zone { latency = latency + configuration.crossZoneLatency }
    return latency
  }

  private static func stream(of fault: MessageFault) -> RandomStreamName {
    switch fault {
    case .drop: lossStream
    case .duplicate: duplicateStream
    case .delay: slowStream
    case .reorder: reorderStream
    case .reset: resetStream
    }
  }

  private func faultOfMessage(
    _ key: UInt64, _ ordinal: UInt64, _ envelope: Envelope
  ) -> (MessageFault?, VirtualDuration) {
    guard !isCalm else { return (nil, .zero) }
    let outcome = simulation.choices.choose(.message, subject: key, ordinal: ordinal) {
      if let (fault, delay) = listed[key]?[ordinal] {
        return fault.rawValue | UInt64(Swift.max(0, delay.nanoseconds)) << 8
      }
      guard drawsWeather else { return 0 }
      for window in weather
      where window.source.contains(envelope.source.id) && window.target.contains(envelope.target.id) {
        let draw = simulation.randomness.draw(Self.stream(of: window.kind), key: key, ordinal: ordinal)
        guard draw.scaled(below: 1_000_000) < UInt64(window.partsPerMillion) else { continue }
        let length = simulation.randomness.draw(Self.delayStream, key: key, ordinal: ordinal)
        let delay = Self.delay(of: window, length)
        return window.kind.rawValue | UInt64(delay.nanoseconds) << 8
      }
      return 0
    }
    guard let fault = MessageFault(rawValue: outcome & 0xFF) else { return (nil, .zero) }
    let extra = VirtualDuration(nanoseconds: Int64(outcome >> 8))
    simulation.record(.messageFault, on: nil) { log in
      log.number("link", key)
      log.number("ordinal", ordinal)
      log.number("fault", fault.rawValue)
      log.number("extra", UInt64(extra.nanoseconds))
    }
    simulation.faults.fired(
      message: fault, from: envelope.source, to: envelope.target, ordinal: ordinal, extra: extra)
    return (fault, extra)
  }

  private static func delay(of window: Weather, _ draw: UInt64) -> VirtualDuration {
    switch window.kind {
    case .drop, .reset: .zero
    case .duplicate, .delay: draw.exponential(mean: window.extra)
    case .reorder:
      VirtualDuration(nanoseconds: Int64(draw.scaled(below: UInt64(max(window.extra.nanoseconds, 0)) * 2 + 1)))
    }
  }

  func arrive(_ envelope: Envelope) {
    let target = envelope.target
    if isHeldUp(envelope) { return }
    if envelope.link.cuts > 0 {
      lose(envelope)
      return
    }
    if envelope.isReset && !envelope.isReply {
      lose(envelope, becomesCause: true)
      return envelope.breakConnection()
    }
    guard let host = target.current, host.incarnation == envelope.addressee else {
      refuse(envelope)
      return
    }
    if host.holdsDeliveries {
      host.heldDeliveries.append(envelope)
      return
    }
    hand(envelope, to: host)
  }

  /// Nobody is there whom the message was meant for: a message is for the incarnation that ran when it was sent, as a connection is, and its machine refuses it to a later one.
  func refuse(_ envelope: Envelope) {
    simulation.record(.refused, on: nil, becomesCause: true) {
      $0.number("machine", UInt64(envelope.target.id.rawValue))
    }
    envelope.refuse()
  }

  func hand(_ envelope: Envelope, to host: Host) {
    simulation.record(.delivered, on: host) { $0.number("message", UInt64(envelope.kind.code)) }
    simulation.actingMachine = host.machine
    host.receiving { envelope.deliver(to: host) }
  }
}
