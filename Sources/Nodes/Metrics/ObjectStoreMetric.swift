/// What the object store's users watch of it.
public enum ObjectStoreMetric: Int, MetricName {
  case requests, requestDuration, requestsInFlight
  case bytesIn, bytesOut, throttled, disturbedWrites
  case storedBytes, storedObjects, unfinishedUploads, unfinishedBytes, prefixes, cost

  /// Whose metrics these are.
  public static var role: MetricRole { .objectStore }

  /// What the metric is.
  public var definition: MetricDefinition {
    switch self {
    case .requests:
      Self.counter(
        "answered", .requests, by: ["operation", "status"],
        "Requests answered, by operation and HTTP status; worry when those of 500 and above are more than one in a thousand."
      )
    case .requestDuration:
      Self.histogram(
        "request_duration", .seconds, MetricBounds.latency, by: ["operation"],
        "How long requests took from arrival to answer, by operation; worry when the upper percentiles near clients' timeouts."
      )
    case .requestsInFlight:
      Self.gauge(
        "in_flight", .requests,
        "Requests that are not answered yet, those that never will be included; worry when they only grow.")
    case .bytesIn:
      Self.counter("received", .bytes, "Bytes of bodies put; worry when they are far above what producers send.")
    case .bytesOut:
      Self.counter(
        "sent", .bytes, "Bytes of bodies got; worry when they are many times those put, because caches miss.")
    case .throttled:
      Self.counter(
        "throttled", .requests,
        "Requests refused with SlowDown; worry when they last longer than it takes to split a prefix.")
    case .disturbedWrites:
      Self.counter(
        "disturbed_write", .requests,
        "Conditional writes refused because another came between; worry at any steady rate, for two write one key.")
    case .storedBytes:
      Self.gauge("stored", .bytes, "Bytes of all objects; worry when they are more than what the manifests name.")
    case .storedObjects:
      Self.gauge("stored", .objects, "Objects that there are; worry when they are more than what the manifests name.")
    case .unfinishedUploads:
      Self.gauge(
        "unfinished", .uploads,
        "Multipart uploads neither completed nor aborted; worry when they stay, because nothing else removes them.")
    case .unfinishedBytes:
      Self.gauge(
        "unfinished_upload", .bytes,
        "Bytes of parts of unfinished uploads; worry when they stay, because they cost for ever.")
    case .prefixes:
      Self.gauge(
        "partition", .prefixes,
        "Prefixes with request rates of their own; worry when one is hot and it stays at 1, because it has not been split."
      )
    case .cost:
      Self.counter(
        "cost", .dollars,
        "The list price of requests, traffic and storage so far; worry when requests make up most of it.")
    }
  }
}
