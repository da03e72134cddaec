/// What every process has, whatever its role: its machine, its calls, its place in the network.
public enum HostMetric: Int, MetricName {
  case running, starts, paused
  case messagesSent, bytesSent, messagesLost
  case calls, callFailures
  case cpuBacklog, diskBytes, diskSyncs, waits

  /// Whose metrics these are.
  public static var role: MetricRole { .host }

  /// What the metric is.
  public var definition: MetricDefinition {
    switch self {
    case .running:
      Self.gauge("running", .state, "Whether a process runs on the machine, 1 or 0; worry when it stays at 0.")
    case .starts:
      Self.counter(
        "process", .starts,
        "How often a process was started on the machine; worry when it grows by itself, because then processes die.")
    case .paused:
      Self.gauge(
        "paused", .state,
        "Whether the process is stalled, 1 or 0; worry at any 1, because its leases run out while it believes in them.")
    case .messagesSent:
      Self.counter(
        "sent", .messages, "Messages that left for the network; worry when a client's stop although it has work.")
    case .bytesSent:
      Self.counter(
        "sent", .bytes, "Bytes that left for the network; worry when their rate nears the bandwidth of the interface.")
    case .messagesLost:
      Self.counter(
        "lost", .messages,
        "Messages that the network lost under way; worry at any steady rate, because each costs its caller a timeout.")
    case .calls:
      Self.counter(
        "call", .requests, by: ["request", "result"],
        "Requests to others whose outcome was heard of, by kind and result; worry when results other than ok grow.")
    case .callFailures:
      Self.counter(
        "call_unanswered", .requests,
        "Requests to others that brought no answer of their receiver; worry when they grow, for a peer or the way to it is gone."
      )
    case .cpuBacklog:
      Self.gauge(
        "cpu_backlog", .seconds,
        "How long the processor is booked out with work taken on; worry when it grows, because everything sent waits for it."
      )
    case .diskBytes:
      Self.gauge("disk_used", .bytes, "Bytes of the files on the machine's disk; worry when they near its size.")
    case .diskSyncs:
      Self.counter(
        "disk_sync", .requests,
        "Syncs that the machine's disk performed, over the life of the machine; worry when they stop while there are writes."
      )
    case .waits:
      Self.gauge(
        "pending_wait", .requests,
        "Timers, calls and promises that tasks of the process wait for; worry when they only grow, because then work piles up."
      )
    }
  }
}
