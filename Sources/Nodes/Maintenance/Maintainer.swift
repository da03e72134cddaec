import Simulation
import Storage

/// Keeps house in the object store: deletes what no row has any more, compacts partitions, and looks for orphans.
///
/// Any number of them may run, and each may die at any time: the metadata service decides what is to be done, and every step can be repeated.
public actor Maintainer {
  nonisolated let host: Host
  /// Its host's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  let configuration: MaintainerConfiguration
  let addresses: ClusterAddresses
  var randomness: RandomGenerator
  private(set) var claims: UInt64 = 0
  private(set) var isCompacting = false

  static let stream = RandomStreamName("maintainer")

  /// Makes the maintainer and begins its work.
  public init(host: Host, configuration: MaintainerConfiguration, addresses: ClusterAddresses) {
    self.host = host
    self.configuration = configuration
    self.addresses = addresses
    randomness = host.randomness(Self.stream)
    host.provideSnapshot(of: self) { $0.snapshot }
    host.spawn("remove objects", on: self) { maintainer in
      for await _ in maintainer.host.ticks(every: maintainer.configuration.removalInterval) {
        try await maintainer.attempt { try await maintainer.removeObjects() }
      }
    }
    host.spawn("compact", on: self) { maintainer in
      for await _ in maintainer.host.ticks(every: maintainer.configuration.compactionInterval) {
        try await maintainer.attempt { try await maintainer.compact() }
      }
    }
    host.spawn("reconcile", on: self) { maintainer in
      for await _ in maintainer.host.ticks(every: maintainer.configuration.reconcileInterval) {
        try await maintainer.attempt { try await maintainer.reconcile() }
      }
    }
  }

  /// Does a piece of work as far as it gets: what fails is begun anew at the next tick.
  private func attempt(_ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch is MetadataError {
    } catch is NetworkError {
    } catch is ObjectStoreError {
    }
  }

  // MARK: Removals

  /// Deletes objects whose rows went a reader grace ago, and says so.
  private func removeObjects() async throws {
    while true {
      let due = try await askMetadata(FetchRemovals(limit: configuration.pageSize)).keys
      if due.isEmpty { return }
      for key in due { try await delete(key, isOrphan: false) }
      _ = try await askMetadata(ConfirmRemovals(keys: due))
    }
  }

  private func delete(_ key: ObjectKey, isOrphan: Bool) async throws {
    _ = try await askStore(DeleteObject(key: key))
    host.probe(isOrphan ? .orphanRemoved : .objectRemoved)
    host.emit(ClusterEvent.objectRemoved(key, isOrphan: isOrphan))
  }

  // MARK: Reconciling

  /// Lists all objects, and only then asks which of them are orphans. What the service has not said to be an orphan stays: without an answer nothing is deleted.
  private func reconcile() async throws {
    var after: ObjectKey?
    while true {
      var list = ListObjects(prefix: SegmentNaming.objectPrefix, after: after, limit: configuration.pageSize)
      list.after = after
      let page = try await askStore(list)
      guard let last = page.objects.last else { return }
      let keys = page.objects.map(\.key)
      let orphans =
        switch configuration.behaviour.reconciling {
        case .byAnswer: try await askMetadata(JudgeObjects(keys: keys)).orphans
        case .original: try await OriginalReconciler.orphans(among: keys, of: self)
        }
      for key in orphans { try await delete(key, isOrphan: true) }
      guard page.isTruncated else { return }
      after = last.key
    }
  }

  // MARK: Compaction

  /// Compacts partitions until none is due.
  private func compact() async throws {
    while true {
      claims += 1
      let request = ClaimCompaction(request: claims)
      guard let claim = try await askMetadata(request).claim else { return }
      isCompacting = true
      defer { isCompacting = false }
      let replacements = try await CompactionRun(claim: claim, maintainer: self).run()
      if !configuration.safeguards.contains(.rowsGoBeforeObjects) {
        for row in replacements.flatMap(\.old) where row.recordCount > 0 { try await delete(row.key, isOrphan: false) }
      }
      _ = try await askMetadata(
        CompleteCompaction(partition: claim.partition, intent: claim.intent, replacements: replacements))
    }
  }

  // MARK: Asking

  /// Asks the metadata service until it answers.
  ///
  /// - Throws: ``MetadataError`` but for ``MetadataError/recovering``, ``HostCrashed``.
  func askMetadata<Content: Request>(_ request: Content) async throws -> Content.Response {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while true {
      do {
        return try await host.call(request, to: addresses.metadata, deadline: configuration.metadataTimeout)
      } catch MetadataError.recovering {
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  /// Asks the object store until it answers one way or the other.
  ///
  /// - Throws: ``ObjectStoreError/noSuchKey``, ``ObjectStoreError/preconditionFailed``, ``HostCrashed``.
  func askStore<Content: Request>(_ request: Content) async throws -> Content.Response {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while true {
      do {
        return try await host.call(request, to: addresses.objectStore, deadline: configuration.requestTimeout)
      } catch ObjectStoreError.noSuchKey {
        throw ObjectStoreError.noSuchKey
      } catch ObjectStoreError.preconditionFailed {
        throw ObjectStoreError.preconditionFailed
      } catch is ObjectStoreError {
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  private var snapshot: Snapshot {
    .fields([
      Snapshot.Field("claims", .number(claims)), Snapshot.Field("isCompacting", .number(isCompacting ? UInt64(1) : 0)),
    ])
  }
}
