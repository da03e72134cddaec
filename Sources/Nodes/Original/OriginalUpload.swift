import Simulation

/// How the original StreamHouse treats an upload that fails: three tries in all, then the segment is forgotten, its records with it.
enum OriginalUpload {
  static let tries = 3
  /// Whether those who wait for a forgotten segment are told that it is stored: their flush finds nothing left to do, and takes that for success.
  static let takesNothingLeftForStored = true
}

extension Agent {
  /// One lock guards the writers of all partitions, and is held while segments are uploaded: batches of every partition wait for them.
  func takeAfterUploads(_ request: Produce, from sender: HostID, _ reply: Reply<Produce>) {
    host.spawn("wait for the uploads", on: self) { agent in
      try await agent.gate.waitUntilIdle()
      agent.takeNow(request, from: sender, reply)
    }
  }
}
