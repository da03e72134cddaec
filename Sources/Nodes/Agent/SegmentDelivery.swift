import DequeModule
import Simulation

/// How a leader brings closed segments to the object store, several at once, and registers them, one after another.
extension PartitionLeader {
  func startUploads() {
    for segment in sealed where segment.upload == .waiting && uploading < configuration.uploadsInFlight {
      segment.upload = .running
      uploading += 1
      host.spawn("upload", on: self) { leader in try await leader.upload(segment) }
    }
  }

  private func upload(_ segment: SealedSegment) async throws {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    var tries = 0
    while phase != .over {
      tries += 1
      if try await put(segment) {
        uploading -= 1
        segment.upload = .done
        startUploads()
        try await registerInOrder()
        return
      }
      guard phase != .over else { return }
      host.probe(.uploadRetried)
      host.emit(ClusterEvent.uploadFailed(partition, base: segment.base, epoch: epoch, attempt: tries))
      if configuration.behaviour.failedUpload == .original, tries == OriginalUpload.tries {
        try await forget(segment)
        return
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  /// One try; tells whether the object is there and is this segment.
  private func put(_ segment: SealedSegment) async throws -> Bool {
    if segment.bytes.count >= configuration.multipartThreshold { return try await putInParts(segment) }
    let isConditional = configuration.safeguards.contains(.putIsConditional)
    let request = PutObject(
      key: segment.key, body: segment.bytes, condition: isConditional ? .ifNoneMatch : .none, attempt: segment.attempt)
    do {
      _ = try await host.call(request, to: addresses.objectStore, deadline: configuration.uploadTimeout)
      return true
    } catch ObjectStoreError.preconditionFailed {
      return try await findsItself(segment)
    } catch is ObjectStoreError {
      return false
    } catch is NetworkError {
      return false
    }
  }

  // An earlier try whose answer got lost may have stored the object: its tag and mark tell whose it is.
  func findsItself(_ segment: SealedSegment) async throws -> Bool {
    do {
      let found = try await host.call(
        HeadObject(key: segment.key), to: addresses.objectStore, deadline: configuration.uploadTimeout)
      if found.attempt == segment.attempt, found.tag == tag(of: segment) {
        host.probe(.uploadFoundItsOwnObject)
        return true
      }
      host.probe(.uploadFoundForeignObject)
      end(.objectTaken)
      return false
    } catch is ObjectStoreError {
      return false
    } catch is NetworkError {
      return false
    }
  }

  private func forget(_ segment: SealedSegment) async throws {
    uploading -= 1
    sealed.removeAll { $0 === segment }
    unregisteredBytes -= segment.origin.size
    sequences.takeBack(segment.origin.batches)
    segment.origin.registered.fail(ProduceError.outcomeUnknown)
    try await segment.origin.log.remove()
    progress.notify()
    startUploads()
    try await registerInOrder()
  }

  // MARK: Registration

  private func registerInOrder() async throws {
    guard !isRegistering else { return }
    isRegistering = true
    while phase != .over, let segment = sealed.first, segment.upload == .done {
      guard try await register(segment) else { break }
    }
    isRegistering = false
  }

  /// Registers the first segment; tells whether it is registered.
  private func register(_ segment: SealedSegment) async throws -> Bool {
    let row = SegmentRow(
      base: segment.base, end: segment.end, recordCount: segment.end - segment.base, size: UInt64(segment.bytes.count),
      epoch: epoch, key: segment.key)
    let request = RegisterSegment(
      partition: partition, row: row, batches: segment.origin.batches, ranges: segment.origin.ranges)
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while phase != .over {
      do {
        let answer = try await host.call(request, to: addresses.metadata, deadline: configuration.metadataTimeout)
        try await registered(segment, aborted: answer.aborted)
        return true
      } catch MetadataError.recovering {
      } catch MetadataError.topicDeleted {
        end(.topicDeleted)
        return false
      } catch is MetadataError {
        // Another epoch has begun, or another segment stands where this one had to go: those behind cannot follow.
        refuse(segment)
        return false
      } catch is NetworkError {
      }
      host.probe(.registrationRetried)
      try await host.sleep(for: backoff.wait(&randomness))
    }
    return false
  }

  private func registered(_ segment: SealedSegment, aborted: [TransactionID]) async throws {
    if sealed.first === segment { sealed.removeFirst() }
    unregisteredBytes -= segment.origin.size
    segment.origin.isRegistered = true
    segment.origin.registered.succeed(aborted)
    progress.notify()
    try await segment.origin.log.remove()
  }

  private func refuse(_ segment: SealedSegment) {
    if configuration.safeguards.contains(.writerEndsWithLease) {
      end(.fenced)
    } else {
      sealed.removeAll { $0 === segment }
      unregisteredBytes -= segment.origin.size
      segment.origin.registered.fail(ProduceError.outcomeUnknown)
      progress.notify()
    }
  }
}
