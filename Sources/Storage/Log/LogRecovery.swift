/// What is left of a log after a crash.
public struct LogRecovery: Sendable, Hashable {
  /// The entries that can be read, in file order.
  public var entries: [LogEntry] = []
  /// Where the last readable entry ends, in bytes: cut the file here before appending to it again.
  public var validLength = 0
  /// How many bytes at the end belong to an entry whose writing was cut off; such an entry was never synced.
  public var tornTail = 0
  /// Stretches that were written and can no longer be read, in file order.
  public var damage: [LogDamage] = []

  /// The recovery of an empty log.
  public init() {}
}

/// A stretch of a log that was written and can no longer be read.
public struct LogDamage: Sendable, Hashable, CustomStringConvertible {
  /// What is wrong with the stretch.
  public enum Reason: Sendable, Hashable {
    /// No entry begins here; the stretch ends where the next one does, or with the file.
    case noEntry
    /// The entry's content does not match its checksum.
    case checksumMismatch(stored: UInt32, computed: UInt32)
    /// The entry's content is not a batch.
    case batch(BatchError)
    /// The entry is shorter than its own fields.
    case entryTooShort(length: Int, minimum: Int)
  }

  /// Where the stretch begins, in bytes from the start of the log.
  public var position: Int
  /// How many bytes it has.
  public var length: Int
  /// What is wrong with it.
  public var reason: Reason
  /// The offsets that lay here, where the entries on both sides tell.
  public var lostOffsets: Range<UInt64>?

  /// Makes a description of a damaged stretch.
  public init(position: Int, length: Int, reason: Reason, lostOffsets: Range<UInt64>? = nil) {
    self.position = position
    self.length = length
    self.reason = reason
    self.lostOffsets = lostOffsets
  }

  /// What is wrong, where, and what was lost.
  public var description: String {
    let what =
      switch reason {
      case .noEntry: "no entry begins here"
      case .checksumMismatch(let stored, let computed):
        "the checksum says 0x\(String(stored, radix: 16)), the content has 0x\(String(computed, radix: 16))"
      case .batch(let error): "the entry holds no batch: \(error)"
      case .entryTooShort(let length, let minimum): "an entry of \(length) bytes; the smallest has \(minimum)"
      }
    let lost = lostOffsets.map { "; offsets from \($0.lowerBound) up to but not \($0.upperBound) are lost" } ?? ""
    return "\(length) bytes from byte \(position): \(what)\(lost)"
  }
}
