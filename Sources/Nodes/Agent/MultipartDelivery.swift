import DequeModule
import Simulation
import Storage

/// How a leader uploads a large segment: in parts, several at once, and visible only when all of them are there.
///
/// begin -> parts -> complete, under the condition of a put in one piece; whatever fails is aborted, or its parts would cost for ever
extension PartitionLeader {
  /// How often a single request of an upload in parts is tried before the upload is given up.
  private static let tries = 3

  /// One try; tells whether the object is there and is this segment.
  func putInParts(_ segment: SealedSegment) async throws -> Bool {
    let begin = InitiateMultipartUpload(key: segment.key, attempt: segment.attempt)
    let upload: UploadID
    do {
      upload = try await host.call(begin, to: addresses.objectStore, deadline: configuration.uploadTimeout).upload
    } catch is ObjectStoreError {
      return false
    } catch is NetworkError {
      // What was begun without an answer holds no bytes.
      return false
    }
    let transfer = PartTransfer(segment, upload: upload, partBytes: configuration.partBytes, on: host)
    for _ in 0..<min(configuration.partsInFlight, transfer.bodies.count) {
      transfer.running += 1
      host.spawn("part", on: self) { leader in try await leader.sendParts(of: transfer) }
    }
    while transfer.running > 0 { try await transfer.progress.wait() }
    guard let parts = transfer.completed, phase != .over else {
      abort(transfer)
      return false
    }
    return try await complete(transfer, parts)
  }

  private func sendParts(of transfer: PartTransfer) async throws {
    while phase != .over, !transfer.hasFailed, let index = transfer.waiting.popFirst() {
      if let tag = try await sendPart(index, of: transfer) {
        transfer.tags[index] = tag
      } else {
        transfer.hasFailed = true
      }
    }
    transfer.running -= 1
    transfer.progress.notify()
  }

  private func sendPart(_ index: Int, of transfer: PartTransfer) async throws -> EntityTag? {
    let request = UploadPart(
      key: transfer.segment.key, upload: transfer.upload, number: index + 1,
      body: Array(transfer.segment.bytes[transfer.bodies[index]]))
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    for attempt in 1...Self.tries where phase != .over {
      if attempt > 1 { try await host.sleep(for: backoff.wait(&randomness)) }
      do {
        return try await host.call(request, to: addresses.objectStore, deadline: configuration.uploadTimeout).tag
      } catch ObjectStoreError.noSuchUpload {
        return nil
      } catch is ObjectStoreError {
      } catch is NetworkError {
      }
    }
    return nil
  }

  private func complete(_ transfer: PartTransfer, _ parts: [CompletedPart]) async throws -> Bool {
    let isConditional = configuration.safeguards.contains(.putIsConditional)
    let request = CompleteMultipartUpload(
      key: transfer.segment.key, upload: transfer.upload, parts: parts,
      condition: isConditional ? .ifNoneMatch : .none)
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    for attempt in 1...Self.tries where phase != .over {
      if attempt > 1 { try await host.sleep(for: backoff.wait(&randomness)) }
      do {
        switch try await host.call(request, to: addresses.objectStore, deadline: configuration.uploadTimeout) {
        case .completed:
          host.probe(.multipartUploadCompleted)
          return true
        case .failedAfterAll: host.probe(.completionFailedAfterAll)
        }
      } catch ObjectStoreError.noSuchUpload {
        // An earlier try that was not answered may have completed it.
        let isThere = try await findsItself(transfer.segment)
        if isThere { host.probe(.completionFoundItsOwnObject) }
        return isThere
      } catch ObjectStoreError.preconditionFailed {
        abort(transfer)
        return try await findsItself(transfer.segment)
      } catch is ObjectStoreError {
      } catch is NetworkError {
      }
    }
    abort(transfer)
    return false
  }

  /// Frees the parts, however long that takes; another try of the segment need not wait for it.
  private func abort(_ transfer: PartTransfer) {
    host.probe(.multipartUploadAborted)
    let request = AbortMultipartUpload(key: transfer.segment.key, upload: transfer.upload)
    host.spawn("abort", on: self) { leader in try await leader.send(request) }
  }

  private func send(_ request: AbortMultipartUpload) async throws {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while true {
      do {
        _ = try await host.call(request, to: addresses.objectStore, deadline: configuration.uploadTimeout)
        return
      } catch ObjectStoreError.noSuchUpload {
        return
      } catch is ObjectStoreError {
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  /// The tag that a segment's object has.
  func tag(of segment: SealedSegment) -> EntityTag {
    guard segment.bytes.count >= configuration.multipartThreshold else {
      return EntityTag(bytes: MessageDigest.md5(segment.bytes))
    }
    let bodies = PartTransfer.bodies(of: segment.bytes.count, partBytes: configuration.partBytes)
    return EntityTag(
      bytes: MessageDigest.md5(bodies.flatMap { MessageDigest.md5(Array(segment.bytes[$0])) }), parts: bodies.count)
  }
}

/// The parts of one upload on their way. Sendable because it never leaves its host.
private final class PartTransfer: @unchecked Sendable {
  let segment: SealedSegment
  let upload: UploadID
  /// Where in the segment each part is.
  let bodies: [Range<Int>]
  var waiting: Deque<Int>
  var tags: [EntityTag?]
  var running = 0
  var hasFailed = false
  let progress: Signal

  init(_ segment: SealedSegment, upload: UploadID, partBytes: Int, on host: Host) {
    self.segment = segment
    self.upload = upload
    bodies = Self.bodies(of: segment.bytes.count, partBytes: partBytes)
    waiting = Deque(bodies.indices)
    tags = Array(repeating: nil, count: bodies.count)
    progress = Signal(on: host, "parts of a segment")
  }

  static func bodies(of size: Int, partBytes: Int) -> [Range<Int>] {
    stride(from: 0, to: size, by: partBytes).map { $0..<min($0 + partBytes, size) }
  }

  /// The parts, when all of them are there.
  var completed: [CompletedPart]? {
    let parts = tags.enumerated().compactMap { index, tag in tag.map { CompletedPart(number: index + 1, tag: $0) } }
    return parts.count == bodies.count ? parts : nil
  }
}
