import Simulation

/// How many connections to agents are kept, and for how long. The defaults are the original's.
public struct ConnectionConfiguration: Sendable, Hashable {
  /// How many connections to one agent there are at the most.
  public var maximumPerAgent = 10
  /// How many requests may be under way on one connection; beyond it another one is opened. HTTP/2's usual limit of streams.
  public var requestsAtOnce = 100
  /// After how long without use a connection is closed.
  public var idleTimeout = VirtualDuration.seconds(60)
  /// How long opening one may take.
  public var openTimeout = VirtualDuration.seconds(3)
  /// After how many requests in a row that were not answered a connection is closed.
  public var failuresUntilUnhealthy = 1

  /// Makes the original's pool.
  public init() {}
}

/// What was done with connections.
public struct ConnectionStatistics: Sendable, Hashable {
  /// Connections that were opened, a round trip each.
  public var opened = 0
  /// Tries to open one that failed.
  public var failedToOpen = 0
  /// Connections that were closed because nobody used them.
  public var closedIdle = 0
  /// Connections that were closed because requests on them were not answered.
  public var closedUnhealthy = 0
  /// Messages that were sent on connections.
  public var messages = 0

  /// Makes zeros.
  public init() {}

  /// Messages that found an open connection, of all.
  public var reused: Int { max(messages - opened, 0) }

  /// The part of the messages that found an open connection; nil when there were none.
  public var reusedShare: Double? { messages > 0 ? Double(reused) / Double(messages) : nil }
}

/// A connection to an agent. Sendable because it never leaves its host.
final class Connection: @unchecked Sendable {
  enum State {
    case opening
    case open
    /// Takes no more requests; those under way may still be answered.
    case closed
  }

  let agent: HostID
  var state = State.opening
  var underWay = 0
  var failures = 0
  var usedAt: VirtualTime

  init(to agent: HostID, at now: VirtualTime) {
    self.agent = agent
    usedAt = now
  }
}

/// A client's connections by agent: healthy ones are used again, idle ones closed, at most so many opened.
struct ConnectionPool {
  /// What there is for a message to an agent.
  enum Place {
    case open(Connection)
    /// One has to be opened; the caller does it and tells how it went.
    case toOpen(Connection)
    /// One is being opened, or all are busy: come back when something has changed.
    case none
  }

  let configuration: ConnectionConfiguration
  private var connections: [HostID: [Connection]] = [:]
  private(set) var statistics = ConnectionStatistics()

  init(_ configuration: ConnectionConfiguration) { self.configuration = configuration }

  /// Finds or begins a connection to an agent.
  mutating func place(for agent: HostID, at now: VirtualTime) -> Place {
    var known = connections[agent] ?? []
    let before = known.count
    known.removeAll { $0.state == .open && $0.underWay == 0 && now - $0.usedAt >= configuration.idleTimeout }
    statistics.closedIdle += before - known.count
    defer { connections[agent] = known }
    if let free = known.first(where: { $0.state == .open && $0.underWay < configuration.requestsAtOnce }) {
      return .open(free)
    }
    if known.contains(where: { $0.state == .opening }) || known.count >= configuration.maximumPerAgent { return .none }
    let new = Connection(to: agent, at: now)
    known.append(new)
    return .toOpen(new)
  }

  /// A connection was opened, or could not be.
  mutating func opened(_ connection: Connection, successfully: Bool, at now: VirtualTime) {
    guard connection.state == .opening else { return }
    connection.usedAt = now
    if successfully {
      statistics.opened += 1
      connection.state = .open
    } else {
      statistics.failedToOpen += 1
      remove(connection)
    }
  }

  /// A message with so many requests leaves.
  mutating func sent(_ requests: Int, on connection: Connection, at now: VirtualTime) {
    statistics.messages += 1
    connection.underWay += requests
    connection.usedAt = now
  }

  /// A request was answered.
  mutating func answered(on connection: Connection, at now: VirtualTime) {
    connection.underWay -= 1
    connection.failures = 0
    connection.usedAt = now
  }

  /// A request was not answered; tells whether the connection was closed for it.
  mutating func failed(on connection: Connection) -> Bool {
    connection.underWay -= 1
    connection.failures += 1
    guard connection.failures >= configuration.failuresUntilUnhealthy, connection.state == .open else { return false }
    statistics.closedUnhealthy += 1
    remove(connection)
    return true
  }

  /// An agent's process is gone, and all connections to it with it.
  mutating func agentIsGone(_ agent: HostID) {
    for connection in connections[agent] ?? [] where connection.state == .open {
      statistics.closedUnhealthy += 1
      remove(connection)
    }
  }

  /// Closes a connection that nothing is under way on.
  mutating func close(_ connection: Connection) {
    statistics.closedIdle += 1
    remove(connection)
  }

  private mutating func remove(_ connection: Connection) {
    connection.state = .closed
    connections[connection.agent]?.removeAll { $0 === connection }
  }

  /// Closes all.
  mutating func closeAll() {
    for agent in connections.keys.sorted() {
      for connection in connections[agent] ?? [] { connection.state = .closed }
    }
    connections = [:]
  }

  /// Whether no further connection to an agent may be opened.
  func isExhausted(to agent: HostID) -> Bool {
    let known = connections[agent] ?? []
    return known.count >= configuration.maximumPerAgent && !known.contains { $0.state == .opening }
  }

  /// How many connections there are to all agents, those being opened included.
  var count: Int { connections.values.reduce(0) { $0 + $1.count } }

  /// How many connections there are to an agent, those being opened included.
  func count(to agent: HostID) -> Int { connections[agent]?.count ?? 0 }
}
