/// What those who run agents watch.
public enum AgentMetric: Int, MetricName {
  case produceRequests, produceDuration, produceInFlight, connectionsOpened
  case appendedBatches, appendedRecords, appendedBytes
  case unregisteredBytes, openSegments, sealedSegments, segmentSize, registrationDuration
  case uploads, uploadRetries, uploadHedges, uploadsInFlight, uploadDuration, uploadConflicts
  case breakerState, breakerOpens, uploadRateLimit, uploadThrottles, uploadDelays
  case leasesHeld, leaseMargin, leasesExpired, leasesLost, leadershipsBegun, leadershipsEnded, handoversCutShort
  case quotaRefusals, creditRefusals, memoryRefusals, overloadRefusals, sequenceGaps, duplicates
  case logGroupSize, logFailures, logBytes, logHandovers, acknowledgementsWithheld, registrationRetries

  /// Whose metrics these are.
  public static var role: MetricRole { .agent }

  /// What the metric is.
  public var definition: MetricDefinition {
    switch self {
    case .produceRequests, .produceDuration, .produceInFlight, .connectionsOpened, .appendedBatches, .appendedRecords,
      .appendedBytes:
      taking
    case .unregisteredBytes, .openSegments, .sealedSegments, .segmentSize, .registrationDuration, .registrationRetries:
      gathering
    case .uploads, .uploadRetries, .uploadHedges, .uploadsInFlight, .uploadDuration, .uploadConflicts, .breakerState,
      .breakerOpens, .uploadRateLimit, .uploadThrottles, .uploadDelays:
      uploading
    case .leasesHeld, .leaseMargin, .leasesExpired, .leasesLost, .leadershipsBegun, .leadershipsEnded,
      .handoversCutShort:
      leading
    case .quotaRefusals, .creditRefusals, .memoryRefusals, .overloadRefusals, .sequenceGaps, .duplicates: refusing
    case .logGroupSize, .logFailures, .logBytes, .logHandovers, .acknowledgementsWithheld: logging
    }
  }

  private var taking: MetricDefinition {
    switch self {
    case .produceRequests:
      Self.counter(
        "produce", .requests, by: ["result"],
        "Batches that were answered, by result; worry when refusals or unknown outcomes are more than a few of a hundred."
      )
    case .produceDuration:
      Self.histogram(
        "produce_duration", .seconds, MetricBounds.latency,
        "How long batches waited here for their answer; worry when the upper percentiles leave the linger and an upload behind."
      )
    case .produceInFlight:
      Self.gauge(
        "produce_in_flight", .requests,
        "Batches that were taken or wait, and are not answered yet; worry when they grow without a bound.")
    case .connectionsOpened:
      Self.counter(
        "opened", .connections,
        "Connections that clients opened; worry when they grow as fast as requests, because then none is used again.")
    case .appendedBatches:
      Self.counter("appended", .batches, "Batches that were given offsets; worry when they stop while producers send.")
    case .appendedRecords:
      Self.counter(
        "appended", .records, "Records that were given offsets; worry when one agent has far more of them than others.")
    default:
      Self.counter(
        "appended", .bytes,
        "Bytes of records, uncompressed, that were given offsets; worry when their rate nears what uploads can carry.")
    }
  }

  private var gathering: MetricDefinition {
    switch self {
    case .unregisteredBytes:
      Self.gauge(
        "unregistered", .bytes,
        "Bytes in memory that are not registered yet; worry near the agent's bound, because batches are refused there.")
    case .openSegments:
      Self.gauge("open", .segments, "Segments that still take batches; worry when there are more than leases held.")
    case .sealedSegments:
      Self.gauge(
        "sealed", .segments,
        "Closed segments on their way to the object store or to registration; worry when they pile up.")
    case .segmentSize:
      Self.histogram(
        "segment_size", .bytes, MetricBounds.bytes,
        "Sizes of closed segments as objects; worry when most are tiny, because requests are what the object store charges for."
      )
    case .registrationDuration:
      Self.histogram(
        "segment_registration", .seconds, MetricBounds.latency,
        "From the closing of a segment to its registration; worry when it grows, because durable acknowledgements wait for it."
      )
    default:
      Self.counter(
        "registration", .retries,
        "Registrations that were not answered and were asked for again; worry when they grow, for the metadata service lags."
      )
    }
  }

  private var uploading: MetricDefinition {
    switch self {
    case .uploads:
      Self.counter(
        "started", .uploads, "Tries to bring a segment to the object store; worry when tries outnumber segments.")
    case .uploadRetries:
      Self.counter("upload", .retries, "Uploads that failed and were tried again; worry when they grow for minutes.")
    case .uploadHedges:
      Self.counter(
        "hedged", .uploads,
        "Uploads that were asked for a second time because the first was slow; worry when they reach their limit of one in twenty."
      )
    case .uploadsInFlight:
      Self.gauge("in_flight", .uploads, "Segments that are being uploaded; worry when they stay at the bound.")
    case .uploadDuration:
      Self.histogram(
        "upload_request", .seconds, MetricBounds.latency,
        "How long single write requests to the object store took; worry when the upper percentiles near their timeout.")
    case .uploadConflicts:
      Self.counter(
        "conflicting", .uploads,
        "Uploads that found an object in their place, their own or another's; worry when it is another's, for two lead at once."
      )
    case .breakerState:
      Self.gauge(
        "breaker", .state,
        "The breaker before the object store: 0 closed, 1 half open, 2 open; worry at 2, because nothing is stored then."
      )
    case .breakerOpens:
      Self.counter(
        "breaker", .rests,
        "How often the breaker opened to give the object store a rest; worry at any, because it failed again and again."
      )
    case .uploadRateLimit:
      Self.gauge(
        "upload_limit", .requestsPerSecond,
        "How many uploads a second the agent allows itself; worry when it falls to its lowest, because the store throttles."
      )
    case .uploadThrottles:
      Self.counter(
        "throttled", .uploads, "Uploads that the object store refused as too many; worry when they keep coming.")
    default:
      Self.counter(
        "delayed", .uploads,
        "Times an upload waited for the agent's own rate; worry when sealed segments pile up with it.")
    }
  }

  private var leading: MetricDefinition {
    switch self {
    case .leasesHeld:
      Self.gauge("held", .leases, "Leases held; worry when agents of one zone hold none, or one holds nearly all.")
    case .leaseMargin:
      Self.gauge(
        "lease_margin", .seconds,
        "How long the lease that runs out first still holds, by the agent's clock; worry when it nears 0, for no batch is taken after."
      )
    case .leasesExpired:
      Self.counter(
        "expired", .leases,
        "Times a lease was found to have run out; worry at any, because renewals did not come through in time.")
    case .leasesLost:
      Self.counter("lost", .leases, "Leases that others took; worry at any, because an agent learned of it too late.")
    case .leadershipsBegun:
      Self.counter(
        "begun", .leaderships, "Partitions that the agent began to lead; worry when leases wander without a cause.")
    case .leadershipsEnded:
      Self.counter(
        "ended", .leaderships, by: ["reason"],
        "Partitions that the agent ceased to lead, by reason; worry at every reason but handedBack and topicDeleted.")
    default:
      Self.counter(
        "handover_cut_short", .leaderships,
        "Leaderships that were handed over before everything was stored; worry when most are, for uploads are too slow."
      )
    }
  }

  private var refusing: MetricDefinition {
    switch self {
    case .quotaRefusals:
      Self.counter(
        "refused_by_quota", .batches,
        "Batches refused because their client or topic had had its bytes; worry when a client that matters meets it.")
    case .creditRefusals:
      Self.counter(
        "refused_by_credits", .batches,
        "Batches refused because their producer ran out of credits; worry when it lasts, because one producer floods the agent."
      )
    case .memoryRefusals:
      Self.counter(
        "refused_by_memory", .batches,
        "Batches refused because the agent holds all that it may; worry at any, because it stores slower than it takes."
      )
    case .overloadRefusals:
      Self.counter(
        "refused_by_partition_bound", .batches,
        "Batches refused because too much of their partition waits to be stored; worry at any, as of the memory bound.")
    case .sequenceGaps:
      Self.counter(
        "refused_by_sequence", .batches,
        "Batches refused because an earlier one of their producer is missing; worry when they go on after a failover.")
    default:
      Self.counter(
        "duplicate", .batches,
        "Batches that came again and were not stored twice; worry when they are many, because answers get lost.")
    }
  }

  private var logging: MetricDefinition {
    switch self {
    case .logGroupSize:
      Self.histogram(
        "log_group", .entries, MetricBounds.counts,
        "Entries of the log that share a sync; worry when groups are of one entry under load, because each then pays for a sync."
      )
    case .logFailures:
      Self.counter(
        "unlogged", .batches,
        "Batches without an acknowledgement because the log's disk did not take them; worry at any, because the disk fails."
      )
    case .logBytes:
      Self.gauge(
        "log", .bytes, "Bytes of the log's files; worry when they only grow, because nothing of it becomes registered.")
    case .logHandovers:
      Self.gauge(
        "log_handover_pending", .epochs,
        "Epochs whose log is being brought to safety; worry when it does not fall to 0 some time after a start.")
    default:
      Self.counter(
        "acknowledgement_withheld", .batches,
        "Logged batches not acknowledged because the lease no longer held; worry when they are more than a failover explains."
      )
    }
  }
}
