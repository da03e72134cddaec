import Simulation

/// What nodes tell the world as it happens: checks listen, traces and timelines show it.
public enum ClusterEvent: DomainEvent {
  /// The metadata service made a topic, durably.
  case topicCreated(TopicID, name: String, logStarts: [UInt64])
  /// A lease was granted, durably.
  case leaseGranted(TopicPartition, epoch: Epoch, holder: AgentIncarnation, previous: AgentIncarnation?)
  /// A lease was given back, durably.
  case leaseReleased(TopicPartition, epoch: Epoch)
  /// An epoch was ended without a new holder, durably.
  case epochFenced(TopicPartition, epoch: Epoch)
  /// A segment was registered, durably.
  case segmentRegistered(TopicPartition, SegmentRow)
  /// A group's position was stored, durably.
  case offsetCommitted(group: String, TopicPartition, offset: UInt64)
  /// The metadata service has read its journal and serves again.
  case metadataRecovered(watermarks: [CommittedOffset], epochs: [HeldLease])
  /// The metadata service's disk lost what had been synced; it cannot serve.
  case metadataUnrecoverable(reason: String)
  /// A topic was made, or given other settings, durably.
  case topicConfigured(TopicID, TopicSettings)
  /// A topic was deleted, durably.
  case topicDeleted(TopicID)
  /// Retention took the segments below an offset, durably.
  case logStartRaised(TopicPartition, from: UInt64, to: UInt64)
  /// A worker may compact a partition, durably.
  case compactionClaimed(TopicPartition, intent: UInt64, worker: AgentIncarnation)
  /// Compacted rows took the place of others, durably.
  case rowsSwapped(TopicPartition, intent: UInt64, [RowReplacement])
  /// A reader found no object where a manifest has one.
  case objectMissing(TopicPartition, key: ObjectKey, manifestAge: VirtualDuration)
  /// An object was deleted.
  case objectRemoved(ObjectKey, isOrphan: Bool)
  /// An agent leads a partition.
  case leadershipBegan(TopicPartition, epoch: Epoch, watermark: UInt64)
  /// An agent no longer leads a partition.
  case leadershipEnded(TopicPartition, epoch: Epoch, reason: LeadershipEnd)
  /// A segment's upload failed and will be tried again.
  case uploadFailed(TopicPartition, base: UInt64, epoch: Epoch, attempt: Int)
  /// An agent found entries in a log that were not registered, and hands them over.
  case logRecovered(TopicPartition, epoch: Epoch, entries: Int, registered: Int, tornBytes: Int)
  /// All of an epoch's log is safe.
  case logHandedOver(TopicPartition, epoch: Epoch, entries: Int)
  /// Something happened to a transaction.
  case transaction(TransactionEvent)
  /// Something of a group of consumers.
  case group(GroupEvent)

  /// What the network and the digest know it as.
  public var kind: EventKind {
    switch self {
    case .group(let event): event.kind
    case .topicCreated: EventKind(code: 32, name: "topicCreated")
    case .leaseGranted: EventKind(code: 33, name: "leaseGranted")
    case .leaseReleased: EventKind(code: 34, name: "leaseReleased")
    case .epochFenced: EventKind(code: 35, name: "epochFenced")
    case .segmentRegistered: EventKind(code: 36, name: "segmentRegistered")
    case .offsetCommitted: EventKind(code: 37, name: "offsetCommitted")
    case .metadataRecovered: EventKind(code: 38, name: "metadataRecovered")
    case .metadataUnrecoverable: EventKind(code: 80, name: "metadataUnrecoverable")
    case .topicConfigured: EventKind(code: 81, name: "topicConfigured")
    case .topicDeleted: EventKind(code: 82, name: "topicDeleted")
    case .logStartRaised: EventKind(code: 83, name: "logStartRaised")
    case .compactionClaimed: EventKind(code: 84, name: "compactionClaimed")
    case .rowsSwapped: EventKind(code: 85, name: "rowsSwapped")
    case .objectMissing: EventKind(code: 86, name: "objectMissing")
    case .objectRemoved: EventKind(code: 87, name: "objectRemoved")
    case .leadershipBegan: EventKind(code: 39, name: "leadershipBegan")
    case .leadershipEnded: EventKind(code: 40, name: "leadershipEnded")
    case .uploadFailed: EventKind(code: 41, name: "uploadFailed")
    case .logRecovered: EventKind(code: 42, name: "logRecovered")
    case .logHandedOver: EventKind(code: 43, name: "logHandedOver")
    case .transaction(let event): event.kind
    }
  }

  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    switch self {
    case .group(let event): event.describe(into: log)
    case .topicCreated(let topic, let name, let logStarts):
      log.number("topic", UInt64(topic.rawValue))
      log.text("name", name)
      for start in logStarts { log.number("logStart", start) }
    case .leaseGranted(let partition, let epoch, let holder, _):
      log.partition(partition)
      log.number("epoch", epoch)
      log.number("holder", UInt64(holder.agent.rawValue))
      log.number("holderIncarnation", holder.incarnation)
    case .leaseReleased(let partition, let epoch), .epochFenced(let partition, let epoch):
      log.partition(partition)
      log.number("epoch", epoch)
    case .segmentRegistered(let partition, let row):
      log.partition(partition)
      log.number("base", row.base)
      log.number("end", row.end)
      log.number("epoch", row.epoch)
    case .offsetCommitted(let group, let partition, let offset):
      log.text("group", group)
      log.partition(partition)
      log.number("offset", offset)
    case .metadataRecovered(let watermarks, let epochs):
      for watermark in watermarks {
        log.number("partition", watermark.partition.word)
        log.number("watermark", watermark.offset)
      }
      for epoch in epochs { log.number("epoch", epoch.epoch) }
    case .metadataUnrecoverable(let reason): log.text("reason", reason)
    case .topicConfigured, .topicDeleted, .logStartRaised, .compactionClaimed, .rowsSwapped, .objectMissing,
      .objectRemoved:
      describeRetention(into: log)
    case .leadershipBegan(let partition, let epoch, let watermark):
      log.partition(partition)
      log.number("epoch", epoch)
      log.number("watermark", watermark)
    case .leadershipEnded(let partition, let epoch, let reason):
      log.partition(partition)
      log.number("epoch", epoch)
      log.text("reason", reason.rawValue)
    case .uploadFailed(let partition, let base, let epoch, let attempt):
      log.partition(partition)
      log.number("base", base)
      log.number("epoch", epoch)
      log.number("attempt", attempt)
    case .logRecovered(let partition, let epoch, let entries, let registered, let tornBytes):
      log.partition(partition)
      log.number("epoch", epoch)
      log.number("entries", entries)
      log.number("registered", registered)
      log.number("tornBytes", tornBytes)
    case .logHandedOver(let partition, let epoch, let entries):
      log.partition(partition)
      log.number("epoch", epoch)
      log.number("entries", entries)
    case .transaction(let event): event.describe(into: log)
    }
  }
}

extension ClusterEvent {
  /// Writes the fields of what becomes of topics and of old segments.
  private func describeRetention(into log: EventLog) {
    switch self {
    case .topicConfigured(let topic, let settings):
      log.number("topic", UInt64(topic.rawValue))
      log.number("retentionTime", UInt64(settings.retentionTime?.nanoseconds ?? 0))
      log.number("retentionBytes", settings.retentionBytes ?? 0)
      log.text("cleanup", settings.cleanup.rawValue)
    case .topicDeleted(let topic): log.number("topic", UInt64(topic.rawValue))
    case .logStartRaised(let partition, let from, let to):
      log.partition(partition)
      log.number("from", from)
      log.number("to", to)
    case .compactionClaimed(let partition, let intent, let worker):
      log.partition(partition)
      log.number("intent", intent)
      log.number("worker", UInt64(worker.agent.rawValue))
    case .rowsSwapped(let partition, let intent, let replacements):
      log.partition(partition)
      log.number("intent", intent)
      for replacement in replacements {
        log.number("base", replacement.new.base)
        log.number("end", replacement.new.end)
        log.number("records", replacement.new.recordCount)
      }
    case .objectMissing(let partition, let key, let age):
      log.partition(partition)
      log.bytes("key", key.bytes)
      log.number("manifestAge", UInt64(age.nanoseconds))
    case .objectRemoved(let key, let isOrphan):
      log.bytes("key", key.bytes)
      log.number("orphan", isOrphan ? 1 : 0)
    default: break
    }
  }
}

/// Why an agent no longer leads a partition.
public enum LeadershipEnd: String, Sendable, Hashable {
  /// It was assigned elsewhere: flushed and given back.
  case handedBack
  /// The lease was not renewed in time and somebody else took it.
  case leaseLost
  /// A registration was refused because a newer epoch had begun.
  case fenced
  /// Another writer's object stands where this one's segment had to go.
  case objectTaken
  /// The topic was deleted.
  case topicDeleted
}
