import Simulation
import Storage

// What clients' own state says at the time of a sample. Only looked at: nothing here changes a client.

extension Producer {
  /// Adds what this producer knows of itself.
  public func read(into sample: MetricSample) {
    let figures = figures
    sample.set(ProducerMetric.closedBatches, figures.batches)
    sample.set(ProducerMetric.closedRecords, figures.records)
    sample.set(ProducerMetric.plainBytes, figures.plainBytes)
    sample.set(ProducerMetric.encodedBytes, figures.encodedBytes)
    sample.set(ProducerMetric.batchBytes, batchBytes)
    sample.set(ProducerMetric.compressedBatches, figures.compressedBatches)
    if figures.plainBytes > 0 {
      sample.set(ProducerMetric.compressionRatio, figures.encodedBytes * 1_000_000 / figures.plainBytes)
    }
    sample.set(ProducerMetric.sends, figures.tries)
    sample.set(ProducerMetric.messages, figures.messages)
    sample.set(ProducerMetric.outcomes, summary.acknowledged, "acknowledged")
    sample.set(ProducerMetric.outcomes, summary.failed, "failed")
    sample.set(ProducerMetric.outcomes, summary.unknown, "unknown")
    sample.set(ProducerMetric.batchesInFlight, unsettled)
    sample.set(ProducerMetric.bufferedBytes, bufferedBytes)
    sample.set(ProducerMetric.oldestBatchAge, oldestBatch.map { host.now - $0 } ?? .zero)
    sample.set(ProducerMetric.connectionsOpen, connections.count)
    sample.set(ProducerMetric.connectionsOpened, figures.connections.opened)
    sample.set(ProducerMetric.connectionsFailed, figures.connections.failedToOpen)
    sample.set(ProducerMetric.connectionsClosed, figures.connections.closedIdle, "idle")
    sample.set(ProducerMetric.connectionsClosed, figures.connections.closedUnhealthy, "unhealthy")
  }

  /// When the oldest batch without an outcome was begun.
  private var oldestBatch: VirtualTime? {
    // In any order: only the earliest counts.
    (goneTopics + topics.values).flatMap(\.lanes).compactMap { ($0.queue.first ?? $0.gathering)?.appendedAt }.min()
  }
}

extension Consumer {
  /// Adds what this consumer knows of itself.
  public func read(into sample: MetricSample) {
    sample.set(ConsumerMetric.polls, polls)
    sample.set(ConsumerMetric.blockHits, counts.hits)
    sample.set(ConsumerMetric.blockMisses, counts.misses)
    sample.set(ConsumerMetric.commits, commits)
    sample.set(ConsumerMetric.memberships, memberships)
    if let membership { sample.set(ConsumerMetric.generation, membership.generation) }
    sample.set(ConsumerMetric.assignedPartitions, readers.count)
    sample.set(ConsumerMetric.segmentsAhead, readers.reduce(0) { $0 + $1.segmentsAhead })
    for reader in readers {
      guard let topic = topics.first(where: { $0.id == reader.partition.topic }) else { continue }
      sample.set(ConsumerMetric.lag, reader.lag, topic.name, "\(reader.partition.index)")
      sample.set(ConsumerMetric.position, reader.position, topic.name, "\(reader.partition.index)")
    }
    let cache = objects.assumeIsolated { $0.statistics }
    sample.set(ConsumerMetric.cacheMemoryHits, cache.memoryHits)
    sample.set(ConsumerMetric.cacheDiskHits, cache.diskHits)
    sample.set(ConsumerMetric.cacheFetches, cache.fetches)
    sample.set(ConsumerMetric.cacheShared, cache.shared)
    sample.set(ConsumerMetric.cachePrefetches, cache.prefetches)
    sample.set(ConsumerMetric.cacheEvictions, cache.memory.evictions + cache.diskEvictions)
    sample.set(ConsumerMetric.cacheMemoryBytes, cache.memory.bytes)
    sample.set(ConsumerMetric.cacheDiskBytes, cache.diskBytes)
    sample.set(ConsumerMetric.cacheCorruptions, cache.memory.corruptions + cache.diskCorruptions)
  }
}
