/// What those who run the metadata service watch.
public enum MetadataMetric: Int, MetricName {
  case requests, requestDuration, requestsInFlight, serving
  case journalEntries, journalBytes, journalUnsynced, journalGroupSize, journalSyncDuration
  case snapshots, snapshotBytes, journalSinceSnapshot, recoveries
  case agentsAlive, leasesHeld, leasesMissing, leasesGranted, leasesReleased, leasesMoved, leasesHandedOver,
    epochsFenced
  case topics, partitions, segments, segmentBytes, watermark, logStart, undecidedRecords
  case registeredSegments, registeredRecords, registeredBytes, registrationsRefused
  case groups, groupMembers, groupGeneration, groupLag, membersJoined, membersRemoved, sharesGiven, commits,
    commitsRefused
  case openTransactions, transactionsBegun, transactionsEnded
  case retiredRecords, compactionsClaimed, compactionsDone, compactionsRefused, compactionsTakenOver, compactedRecords
  case removalsDue, objectsSpared

  /// Whose metrics these are.
  public static var role: MetricRole { .metadata }

  /// What the metric is.
  public var definition: MetricDefinition {
    switch self {
    case .requests, .requestDuration, .requestsInFlight, .serving: answering
    case .journalEntries, .journalBytes, .journalUnsynced, .journalGroupSize, .journalSyncDuration, .snapshots,
      .snapshotBytes, .journalSinceSnapshot, .recoveries:
      journaling
    case .agentsAlive, .leasesHeld, .leasesMissing, .leasesGranted, .leasesReleased, .leasesMoved, .leasesHandedOver,
      .epochsFenced:
      leasing
    case .topics, .partitions, .segments, .segmentBytes, .watermark, .logStart, .undecidedRecords, .registeredSegments,
      .registeredRecords, .registeredBytes, .registrationsRefused:
      registering
    case .groups, .groupMembers, .groupGeneration, .groupLag, .membersJoined, .membersRemoved, .sharesGiven, .commits,
      .commitsRefused:
      grouping
    case .openTransactions, .transactionsBegun, .transactionsEnded: deciding
    case .retiredRecords, .compactionsClaimed, .compactionsDone, .compactionsRefused, .compactionsTakenOver,
      .compactedRecords, .removalsDue, .objectsSpared:
      keepingHouse
    }
  }

  private var answering: MetricDefinition {
    switch self {
    case .requests:
      Self.counter(
        "answered", .requests, by: ["request", "result"],
        "Requests answered, by kind and result; worry when refusals of one kind grow faster than its successes.")
    case .requestDuration:
      Self.histogram(
        "request_duration", .seconds, MetricBounds.latency, by: ["request"],
        "How long requests took from arrival to answer, by kind; worry when most take longer than a sync, apart from held-back heartbeats."
      )
    case .requestsInFlight:
      Self.gauge(
        "in_flight", .requests,
        "Requests that are not answered yet; worry when they grow, because agents and clients wait.")
    default:
      Self.gauge(
        "serving", .state,
        "Whether the service has recovered and answers, 1 or 0; worry when it stays 0, because leases end without it.")
    }
  }

  private var journaling: MetricDefinition {
    switch self {
    case .journalEntries:
      Self.counter("journaled", .entries, "Changes written to the journal; worry when requests come and none follow.")
    case .journalBytes:
      Self.counter(
        "journaled", .bytes, "Bytes synced to the journal; worry when their rate nears what the disk can take.")
    case .journalUnsynced:
      Self.gauge(
        "unsynced", .entries,
        "Changes whose sync is awaited; worry when they grow, because every answer waits for them.")
    case .journalGroupSize:
      Self.histogram(
        "journal_group", .entries, MetricBounds.counts,
        "Changes that share a sync; worry when groups grow large, because the disk is slower than the changes come.")
    case .journalSyncDuration:
      Self.histogram(
        "journal_sync", .seconds, MetricBounds.latency,
        "How long a group took to be on disk; worry when it is above ten milliseconds, because leases are renewed behind it."
      )
    case .snapshots:
      Self.counter("written", .snapshots, "Snapshots written; worry when none come and the journal grows.")
    case .snapshotBytes:
      Self.gauge(
        "snapshot", .bytes, "The size of the latest snapshot; worry when it grows with time and not with what there is."
      )
    case .journalSinceSnapshot:
      Self.gauge(
        "journal_behind_snapshot", .bytes,
        "Bytes journaled since the latest snapshot; worry far above the bound, because a restart has to read them all.")
    default:
      Self.counter(
        "recovered", .starts, "Recoveries from the journal; worry when they repeat, because the service keeps dying.")
    }
  }

  private var leasing: MetricDefinition {
    switch self {
    case .agentsAlive:
      Self.gauge("alive", .agents, "Agents heard of lately; worry when there are fewer than were started.")
    case .leasesHeld: Self.gauge("held", .leases, "Leases that hold now; worry when they are fewer than partitions.")
    case .leasesMissing:
      Self.gauge(
        "leaderless", .partitions,
        "Partitions whose lease nobody holds; worry when it is not 0 for longer than a lease's term, for nobody can write there."
      )
    case .leasesGranted:
      Self.counter(
        "granted", .leases, "Leases granted; worry when they are granted again and again for the same partitions.")
    case .leasesReleased:
      Self.counter("released", .leases, "Leases given back; worry when they are many while no agent leaves or joins.")
    case .leasesMoved:
      Self.counter(
        "moved", .leases,
        "Leases that ran out and went to another agent; worry at any, for each was a time without a leader.")
    case .leasesHandedOver:
      Self.counter(
        "handed_over", .leases,
        "Leases that went to a waiting successor as they were given back; worry when agents leave without them.")
    default:
      Self.counter(
        "fenced", .epochs, "Epochs ended without a new holder; worry when they are more than logs to be handed over.")
    }
  }

  private var registering: MetricDefinition {
    switch self {
    case .topics: Self.gauge("existing", .topics, "Topics that there are; worry when it nears the service's limit.")
    case .partitions:
      Self.gauge("existing", .partitions, "Partitions of all topics; worry when it nears the service's limit.")
    case .segments:
      Self.gauge(
        "manifest", .segments, by: ["topic"],
        "Segments in the manifests of a topic; worry when they only grow, because neither retention nor compaction works."
      )
    case .segmentBytes:
      Self.gauge(
        "manifest", .bytes, by: ["topic"], "Bytes of a topic's segments; worry when they exceed what retention allows.")
    case .watermark:
      Self.gauge(
        "high_watermark", .offset, by: ["topic", "partition"],
        "The offset after the last registered record; worry when it stands still while producers send.")
    case .logStart:
      Self.gauge(
        "log_start", .offset, by: ["topic", "partition"],
        "The first offset that is kept; worry when it passes the positions of groups, because they lose records.")
    case .undecidedRecords:
      Self.gauge(
        "undecided", .records, by: ["topic"],
        "Records behind the last stable offset, which readers of committed records do not see yet; worry when they grow."
      )
    case .registeredSegments:
      Self.counter("registered", .segments, "Segments registered; worry when they stop while agents upload.")
    case .registeredRecords:
      Self.counter("registered", .records, "Records registered; worry when they fall behind those appended at agents.")
    case .registeredBytes:
      Self.counter("registered", .bytes, "Bytes of registered objects; worry when they grow faster than is paid for.")
    default:
      Self.counter(
        "registration_refused", .segments,
        "Registrations of an older epoch that were refused; worry when they repeat, for an agent does not learn that it lost."
      )
    }
  }

  private var grouping: MetricDefinition {
    switch self {
    case .groups:
      Self.gauge("known", .groups, "Groups of consumers that have ever had a member; worry when it only grows.")
    case .groupMembers:
      Self.gauge("group", .members, by: ["group"], "Members of a group; worry when they are fewer than were started.")
    case .groupGeneration:
      Self.gauge(
        "group_generation", .shares, by: ["group"],
        "A group's generation, which rises with every rebalance; worry when it rises steadily, for members come and go."
      )
    case .groupLag:
      Self.gauge(
        "group_lag", .records, by: ["group", "topic"],
        "Registered records behind a group's stored positions; worry when it grows, because consumers do not keep up.")
    case .membersJoined:
      Self.counter("joined", .members, "Joinings of groups, returns included; worry when members join again and again.")
    case .membersRemoved:
      Self.counter(
        "removed", .members, by: ["reason"],
        "Memberships that ended, by reason; worry at expired, because members are cut off or stall.")
    case .sharesGiven:
      Self.counter(
        "given", .shares, "Changes of what a member owns; worry when they do not stop, because groups never settle.")
    case .commits:
      Self.counter(
        "stored", .commits, "Positions of groups that were stored; worry when they stop while records are polled.")
    default:
      Self.counter(
        "refused", .commits,
        "Commits of consumers that do not own the partition; worry when they are many, for work is done twice.")
    }
  }

  private var deciding: MetricDefinition {
    switch self {
    case .openTransactions:
      Self.gauge(
        "open", .transactions, "Transactions that are open; worry when they outnumber producers that run them.")
    case .transactionsBegun:
      Self.counter("begun", .transactions, "Transactions begun; worry when they outrun those ended.")
    default:
      Self.counter(
        "ended", .transactions, by: ["outcome", "reason"],
        "Transactions that ended, by outcome and reason; worry at timedOut and fenced, for producers stall or come twice."
      )
    }
  }

  private var keepingHouse: MetricDefinition {
    switch self {
    case .retiredRecords:
      Self.counter(
        "retired", .records, "Offsets that retention took; worry when none go although topics are over their bounds.")
    case .compactionsClaimed:
      Self.counter("claimed", .compactions, "Compactions begun; worry when they outrun those done.")
    case .compactionsDone:
      Self.counter("done", .compactions, "Compactions whose rows took the place of others; worry when there are none.")
    case .compactionsRefused:
      Self.counter(
        "refused", .compactions,
        "Compactions whose intent was over or whose rows had changed; worry when most are, for the work is wasted.")
    case .compactedRecords:
      Self.counter(
        "compacted", .records, "Records that compactions left out; worry when there are none although keys repeat.")
    case .compactionsTakenOver:
      Self.counter(
        "taken_over", .compactions,
        "Compactions begun anew because nobody had finished them; worry when it repeats, for workers die.")
    case .objectsSpared:
      Self.counter(
        "spared", .objects,
        "Listings of objects without a row that may still get one; worry when the same ones stay for long.")
    default:
      Self.gauge(
        "removal_due", .objects,
        "Objects without a row that wait to be deleted; worry when they only grow, because no maintainer deletes them.")
    }
  }
}
