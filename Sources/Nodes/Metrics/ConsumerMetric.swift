/// What those who run consumers watch.
public enum ConsumerMetric: Int, MetricName {
  case polls, polledRecords, pollWait, endToEndDuration, omittedRecords
  case lag, position, assignedPartitions, segmentsAhead
  case fetches, fetchDuration, fetchedBytes, fetchRetries
  case blockHits, blockMisses, cacheMemoryHits, cacheDiskHits, cacheFetches, cacheShared, cachePrefetches,
    cacheEvictions
  case cacheMemoryBytes, cacheDiskBytes, cacheCorruptions, readAheadHits
  case commits, commitsRefused, committedResumes
  case memberships, generation, partitionsAssigned, partitionsRevoked, partitionsLost, sessionsLost, slowPolls
  case positionResets, staleManifests, missingObjects, failures

  /// Whose metrics these are.
  public static var role: MetricRole { .consumer }

  /// What the metric is.
  public var definition: MetricDefinition {
    switch self {
    case .polls, .polledRecords, .pollWait, .endToEndDuration, .omittedRecords, .lag, .position, .assignedPartitions,
      .segmentsAhead:
      polling
    case .fetches, .fetchDuration, .fetchedBytes, .fetchRetries, .readAheadHits: fetching
    case .blockHits, .blockMisses, .cacheMemoryHits, .cacheDiskHits, .cacheFetches, .cacheShared, .cachePrefetches,
      .cacheEvictions, .cacheMemoryBytes, .cacheDiskBytes, .cacheCorruptions:
      caching
    case .commits, .commitsRefused, .committedResumes, .memberships, .generation, .partitionsAssigned,
      .partitionsRevoked, .partitionsLost, .sessionsLost, .slowPolls:
      takingPart
    case .positionResets, .staleManifests, .missingObjects, .failures: failing
    }
  }

  private var polling: MetricDefinition {
    switch self {
    case .polls: Self.counter("begun", .polls, "Polls begun; worry when they stop, because the application is stuck.")
    case .polledRecords:
      Self.counter("polled", .records, "Records handed to the application; worry when the lag grows and they do not.")
    case .pollWait:
      Self.histogram(
        "poll_wait", .seconds, MetricBounds.latency,
        "How long polls that brought records had waited for them; worry when it is near 0 and the lag grows: it cannot keep up."
      )
    case .endToEndDuration:
      Self.histogram(
        "end_to_end", .seconds, MetricBounds.latency,
        "From the append of a batch's first record to the poll that hands its records out; worry when it breaks what was promised."
      )
    case .omittedRecords:
      Self.counter(
        "omitted", .records,
        "Offsets of aborted transactions passed over; worry when they are a large part of what is read.")
    case .lag:
      Self.gauge(
        "lag", .records, by: ["topic", "partition"],
        "Registered records ahead of the position, as far as is known; worry when it grows for minutes.")
    case .position:
      Self.gauge(
        "position", .offset, by: ["topic", "partition"],
        "The next offset to hand out; worry when it stands still below the watermark.")
    case .assignedPartitions:
      Self.gauge("assigned", .partitions, "Partitions read now; worry at 0 for a member of a group with work to do.")
    default:
      Self.gauge(
        "ahead", .segments, "Segments known to lie ahead; worry when they stay at the bound, for reading is slow.")
    }
  }

  private var fetching: MetricDefinition {
    switch self {
    case .fetches:
      Self.counter(
        "fetch", .requests, by: ["result"],
        "Gets from the object store, by result; worry at noSuchKey, because a manifest names what is not there.")
    case .fetchDuration:
      Self.histogram(
        "fetch", .seconds, MetricBounds.latency,
        "How long gets took; worry when the upper percentiles near the request timeout.")
    case .fetchedBytes:
      Self.counter(
        "fetched", .bytes, "Bytes of answers to gets; worry when they are many times what is read, for caches miss.")
    case .fetchRetries:
      Self.counter("fetch", .retries, "Gets that failed and were asked for again; worry when they go on for minutes.")
    default:
      Self.counter(
        "read_ahead", .segments,
        "Segments found ready because they had been fetched ahead; worry when they are few for one who reads in order.")
    }
  }

  private var caching: MetricDefinition {
    switch self {
    case .blockHits:
      Self.counter("hit", .blocks, "Blocks that polls wanted and that were at hand; worry when misses outnumber them.")
    case .blockMisses:
      Self.counter(
        "missed", .blocks, "Blocks that polls wanted and that had to be fetched; worry when they outnumber hits.")
    case .cacheMemoryHits:
      Self.counter(
        "cache_memory_hit", .objects, "Objects answered from memory; worry when few are and the disk answers most.")
    case .cacheDiskHits:
      Self.counter("cache_disk_hit", .objects, "Objects answered from the disk; worry when memory could have had them.")
    case .cacheFetches:
      Self.counter(
        "cache_fetch", .objects, "Objects fetched into the cache; worry when the same are fetched again and again.")
    case .cacheShared:
      Self.counter(
        "cache_shared", .requests,
        "Requests that joined a fetch under way; worry when they are many, for prefetching is late.")
    case .cachePrefetches:
      Self.counter(
        "cache_prefetch", .objects, "Objects asked for before anybody wanted them; worry when hits do not follow.")
    case .cacheEvictions:
      Self.counter(
        "cache_evicted", .objects,
        "Objects that left memory or disk for others; worry when they are as many as the fetched.")
    case .cacheMemoryBytes:
      Self.gauge("cache_memory", .bytes, "Bytes cached in memory; worry when it exceeds its bound.")
    case .cacheDiskBytes: Self.gauge("cache_disk", .bytes, "Bytes cached on disk; worry when it exceeds its bound.")
    default:
      Self.counter(
        "cache_damaged", .files,
        "Cached files that were damaged, foreign or gone; worry at any beyond crashes, for the disk fails.")
    }
  }

  private var takingPart: MetricDefinition {
    switch self {
    case .commits: Self.counter("sent", .commits, "Commits sent; worry when they stop while records are polled.")
    case .commitsRefused:
      Self.counter("refused", .commits, "Commits that were refused; worry when they repeat, for work is done twice.")
    case .committedResumes:
      Self.counter(
        "resumed", .partitions, "Partitions begun at a stored position; worry when there are none after a restart.")
    case .memberships:
      Self.counter(
        "taken", .sessions, "Times the consumer was started as a member of a group; worry when it restarts often.")
    case .generation:
      Self.gauge(
        "group_generation", .shares,
        "The generation of the share taken up; worry when it is behind the group's for long.")
    case .partitionsAssigned:
      Self.counter(
        "taken_up", .partitions, "Partitions of a share that were taken up; worry when they change all the time.")
    case .partitionsRevoked:
      Self.counter(
        "given_back", .partitions, "Partitions given back to the group; worry when they change all the time.")
    case .partitionsLost:
      Self.counter(
        "lost", .partitions, "Partitions that may be others' already; worry at any, because records are handled twice.")
    case .sessionsLost:
      Self.counter(
        "lost", .sessions,
        "Sessions taken for over because nothing was heard; worry at any, for the service is out of reach.")
    default:
      Self.counter(
        "too_slow", .sessions,
        "Times the application took too long between polls; worry at any, for its share went to others.")
    }
  }

  private var failing: MetricDefinition {
    switch self {
    case .positionResets:
      Self.counter(
        "reset", .partitions,
        "Positions that were not in the log and were reset; worry at any, for records were missed.")
    case .staleManifests:
      Self.counter(
        "stale_manifest", .requests,
        "Lists of segments asked for again because they were too old; worry when reading is so slow.")
    case .missingObjects:
      Self.counter(
        "missing", .objects,
        "Objects that a manifest names and that were not there; worry when looking again does not help.")
    default:
      Self.counter(
        "failed", .sessions,
        "Consumers that met what they cannot go past; worry at any, because their partitions stand still.")
    }
  }
}
