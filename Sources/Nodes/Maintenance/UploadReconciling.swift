import Simulation

/// How uploads in parts end whose agent died, or gave them up without being heard: parts that nobody completes or aborts are paid for as long as they lie there.
extension Maintainer {
  /// Aborts the uploads that can add nothing to any log: their object is there already, or it could never be registered.
  func abortOrphanedUploads() async throws {
    guard configuration.behaviour.reconciling == .byAnswer else { return }
    var after: ListedUpload?
    while true {
      let page = try await askStore(
        ListMultipartUploads(prefix: SegmentNaming.objectPrefix, after: after, limit: configuration.pageSize))
      guard let last = page.uploads.last else { return }
      // Listed first and asked afterwards, as with objects: whatever is still to be registered is not judged an orphan.
      let orphans = try await askMetadata(JudgeObjects(keys: page.uploads.map(\.key))).orphans
      for upload in page.uploads {
        if orphans.contains(upload.key) {
          try await abort(upload)
        } else if try await isThere(upload.key) {
          try await abort(upload)
        }
      }
      guard page.isTruncated else { return }
      after = last
    }
  }

  private func isThere(_ key: ObjectKey) async throws -> Bool {
    do {
      _ = try await askStore(HeadObject(key: key))
      return true
    } catch ObjectStoreError.noSuchKey {
      return false
    }
  }

  private func abort(_ upload: ListedUpload) async throws {
    do {
      _ = try await askStore(AbortMultipartUpload(key: upload.key, upload: upload.upload))
      host.probe(.orphanedUploadAborted)
    } catch ObjectStoreError.noSuchUpload {
      // It came to its end by itself.
    }
  }
}
