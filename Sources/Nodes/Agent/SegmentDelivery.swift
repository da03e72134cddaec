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
    while let permit = try await gate.admit(while: { !isStopped }) {
      tries += 1
      tally.uploads += 1
      let (isStored, outcome) = try await put(segment)
      gate.report(outcome, permit)
      if isStored {
        uploading -= 1
        segment.upload = .done
        startUploads()
        try await registerInOrder()
        return
      }
      guard !isStopped else { return }
      host.probe(.uploadRetried)
      host.emit(ClusterEvent.uploadFailed(partition, base: segment.base, epoch: epoch, attempt: tries))
      if configuration.behaviour.failedUpload == .original, tries == OriginalUpload.tries {
        try await forget(segment)
        return
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  /// One try; tells whether the object is there and is this segment, and what the try says of the store.
  private func put(_ segment: SealedSegment) async throws -> (isStored: Bool, UploadGate.Outcome) {
    if segment.bytes.count >= configuration.multipartThreshold {
      let isStored = try await putInParts(segment)
      return (isStored, isStored ? .served : .failed)
    }
    let isConditional = configuration.safeguards.contains(.putIsConditional)
    let request = PutObject(
      key: segment.key, body: segment.bytes, condition: isConditional ? .ifNoneMatch : .none, attempt: segment.attempt)
    do {
      try await put(request)
      if isConditional, host.fires(.uploadAnswerLost) { return (false, .failed) }
      return (true, .served)
    } catch ObjectStoreError.preconditionFailed {
      return (try await findsItself(segment), .served)
    } catch ObjectStoreError.slowDown {
      return (false, .throttled)
    } catch is ObjectStoreError {
      return (false, .failed)
    } catch is NetworkError {
      return (false, .failed)
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

  /// A segment that is not in memory any more no longer counts; where the leadership is over nothing of it does.
  private func free(_ segment: SealedSegment) {
    if phase != .over { unregisteredBytes -= segment.origin.size }
  }

  private func forget(_ segment: SealedSegment) async throws {
    uploading -= 1
    sealed.removeAll { $0 === segment }
    free(segment)
    sequences.takeBack(segment.origin.batches)
    if configuration.behaviour.forgottenSenders == .original, OriginalUpload.takesNothingLeftForStored {
      segment.origin.registered.succeed([])
    } else {
      segment.origin.registered.fail(ProduceError.outcomeUnknown)
    }
    try await segment.origin.log.remove()
    progress.notify()
    startUploads()
    try await registerInOrder()
  }

  // MARK: Registration

  private func registerInOrder() async throws {
    guard !isRegistering else { return }
    isRegistering = true
    while !isStopped, let segment = sealed.first, segment.upload == .done {
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
    while !isStopped {
      do {
        let answer = try await host.call(request, to: addresses.metadata, deadline: configuration.metadataTimeout)
        if !host.fires(.registrationAnswerLost) {
          try await registered(segment, aborted: answer.aborted)
          return true
        }
      } catch MetadataError.recovering {
      } catch MetadataError.topicDeleted {
        end(.topicDeleted)
        return false
      } catch is MetadataError {
        // The leader itself is making its epoch final, and settles what is left.
        if phase == .closing { return false }
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
    free(segment)
    tally.registrations.record(host.now - segment.closedAt)
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
      free(segment)
      segment.origin.registered.fail(ProduceError.outcomeUnknown)
      progress.notify()
    }
  }
}
