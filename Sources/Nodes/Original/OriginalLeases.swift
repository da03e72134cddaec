import Simulation

/// How agents of the original StreamHouse ask for leases: once, when a partition is new to their share, whose record says afterwards that they have it, whatever the answer was.
enum OriginalLeaseRequests {
  /// What of a share is asked for.
  static func new(in share: [TopicPartition], recorded: [TopicPartition]) -> [TopicPartition] {
    share.filter { !recorded.contains($0) }
  }
}

/// Which clock the original StreamHouse compares lease times with: the wall clock of whoever asks.
enum OriginalLeaseClock {
  static func now(of host: Host) -> VirtualTime {
    VirtualTime(nanoseconds: Int64(clamping: host.wallClockMilliseconds) * 1_000_000)
  }
}

/// How the original StreamHouse numbers epochs: the number is in the lease's row, and giving the lease back deletes the row.
enum OriginalEpochs {
  static func next(after epoch: Epoch, isHeld: Bool) -> Epoch { isHeld ? epoch + 1 : 1 }
}
