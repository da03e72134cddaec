/// What those who run producers watch.
public enum ProducerMetric: Int, MetricName {
  case closedBatches, closedRecords, plainBytes, encodedBytes, compressedBatches, compressionRatio
  case batchRecords, batchBytes, gatherDuration
  case sends, messages, requestDuration, retries, redirects, reroutes, retriesExhausted
  case outcomes, produceDuration, identitiesRenewed
  case batchesInFlight, oldestBatchAge, bufferedBytes, bufferFullWaits
  case connectionsOpen, connectionsOpened, connectionsFailed, connectionsClosed
  case transactionRetries

  /// Whose metrics these are.
  public static var role: MetricRole { .producer }

  /// What the metric is.
  public var definition: MetricDefinition {
    switch self {
    case .closedBatches, .closedRecords, .plainBytes, .encodedBytes, .compressedBatches, .compressionRatio,
      .batchRecords, .batchBytes, .gatherDuration:
      gathering
    case .sends, .messages, .requestDuration, .retries, .redirects, .reroutes, .retriesExhausted: sending
    case .outcomes, .produceDuration, .identitiesRenewed, .transactionRetries: ending
    case .batchesInFlight, .oldestBatchAge, .bufferedBytes, .bufferFullWaits: waiting
    case .connectionsOpen, .connectionsOpened, .connectionsFailed, .connectionsClosed: connecting
    }
  }

  private var gathering: MetricDefinition {
    switch self {
    case .closedBatches:
      Self.counter("closed", .batches, "Batches closed to be sent; worry when they stop while records come.")
    case .closedRecords:
      Self.counter(
        "closed", .records, "Records in closed batches; worry when their rate falls below the application's.")
    case .plainBytes:
      Self.counter(
        "plain", .bytes, "Bytes of closed batches before compression; worry when they jump without more records.")
    case .encodedBytes:
      Self.counter(
        "encoded", .bytes, "Bytes of closed batches as they travel; worry when they near those before compression.")
    case .compressedBatches:
      Self.counter(
        "compressed", .batches,
        "Batches that travelled compressed; worry when they are few although compression is chosen.")
    case .compressionRatio:
      Self.gauge(
        "compression", .ratio,
        "Bytes as they travel over bytes before compression, so far; worry near 1, because compression costs and saves nothing."
      )
    case .batchRecords:
      Self.histogram(
        "batch", .records, MetricBounds.counts,
        "Records of closed batches; worry when most have one under load, because the linger is too short.")
    case .batchBytes:
      Self.histogram(
        "batch", .bytes, MetricBounds.bytes,
        "Bytes of closed batches before compression; worry when they never near the batch's limit under load.")
    default:
      Self.histogram(
        "batch_gathering", .seconds, MetricBounds.latency,
        "How long batches were open for records; worry when it is the linger for all, under load they should fill before."
      )
    }
  }

  private var sending: MetricDefinition {
    switch self {
    case .sends:
      Self.counter("sent", .batches, "Tries of sending a batch; worry when they outnumber closed batches by much.")
    case .messages:
      Self.counter(
        "sent", .messages, "Messages that carried batches; worry when they equal the batches with many partitions.")
    case .requestDuration:
      Self.histogram(
        "request", .seconds, MetricBounds.latency,
        "How long single tries took until their outcome was heard; worry when the upper percentiles near the request timeout."
      )
    case .retries:
      Self.counter("batch", .retries, "Batches sent again; worry when they go on after a failover is over.")
    case .redirects:
      Self.counter(
        "redirected", .batches, "Batches sent on to the successor that a leader named; worry when leases wander.")
    case .reroutes:
      Self.counter(
        "rerouted", .batches, "Batches sent to another agent than before; worry when no agent leaves or dies.")
    default:
      Self.counter(
        "out_of_retries", .batches,
        "Batches given up after the last retry; worry at any, because their records are not known safe.")
    }
  }

  private var ending: MetricDefinition {
    switch self {
    case .outcomes:
      Self.counter(
        "settled", .records, by: ["outcome"],
        "Records whose outcome is known: acknowledged, failed or unknown; worry at failed and unknown.")
    case .produceDuration:
      Self.histogram(
        "produce", .seconds, MetricBounds.latency,
        "From a batch's first record to its acknowledgement; worry when the upper percentiles break what users were promised."
      )
    case .identitiesRenewed:
      Self.counter(
        "renewed", .epochs,
        "Times an idempotent producer gave a batch up and numbers anew; worry at any, for order ends there.")
    default:
      Self.counter(
        "transaction", .retries,
        "Begins, commits and aborts asked for again; worry when they grow, because the metadata service does not answer."
      )
    }
  }

  private var waiting: MetricDefinition {
    switch self {
    case .batchesInFlight:
      Self.gauge("unsettled", .batches, "Closed batches without an outcome; worry when they grow without a bound.")
    case .oldestBatchAge:
      Self.gauge(
        "oldest_batch", .seconds,
        "How old the oldest batch without an outcome is, by the producer's clock; worry beyond a failover's time.")
    case .bufferedBytes:
      Self.gauge(
        "buffered", .bytes, "Bytes of records without an outcome; worry near the buffer's bound, where appends wait.")
    default:
      Self.counter(
        "buffer_full", .requests, "Appends that waited for space; worry at any, because the application is held up.")
    }
  }

  private var connecting: MetricDefinition {
    switch self {
    case .connectionsOpen:
      Self.gauge(
        "open", .connections, "Connections to agents, those being opened included; worry at the bound for each agent.")
    case .connectionsOpened:
      Self.counter("opened", .connections, "Connections opened; worry when they grow as fast as messages.")
    case .connectionsFailed:
      Self.counter("failed", .connections, "Connections that could not be opened; worry when they go on for one agent.")
    default:
      Self.counter(
        "closed", .connections, by: ["reason"],
        "Connections closed, by reason; worry at unhealthy, because requests on them were not answered.")
    }
  }
}
