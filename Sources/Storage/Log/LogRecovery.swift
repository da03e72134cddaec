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
  /// The offsets that the damage has cost, as far as the entries on both sides tell, in file order.
  public var losses: [LogLoss] = []

  /// The recovery of an empty log.
  public init() {}
}

/// The offsets that lay between two readable entries of one epoch, in one damaged stretch or in several in a row.
///
/// Which stretch held which of them cannot be told.
public struct LogLoss: Sendable, Hashable, CustomStringConvertible {
  /// Which stretches, by their place in `LogRecovery.damage`.
  public var damage: Range<Int>
  /// The offsets that lay there.
  public var offsets: Range<UInt64>

  /// Makes a description of a loss.
  public init(damage: Range<Int>, offsets: Range<UInt64>) {
    self.damage = damage
    self.offsets = offsets
  }

  /// What was lost.
  public var description: String {
    "offsets from \(offsets.lowerBound) up to but not \(offsets.upperBound) are lost"
  }
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
    /// The entry claims more bytes than are left, yet others follow.
    case entryBeyondEnd(length: Int, available: Int)
    /// The entry is shorter than its own fields.
    case entryTooShort(length: Int, minimum: Int)
  }

  /// Where the stretch begins, in bytes from the start of the log.
  public var position: Int
  /// How many bytes it has.
  public var length: Int
  /// What is wrong with it.
  public var reason: Reason

  /// Makes a description of a damaged stretch.
  public init(position: Int, length: Int, reason: Reason) {
    self.position = position
    self.length = length
    self.reason = reason
  }

  /// What is wrong, and where.
  public var description: String {
    let what =
      switch reason {
      case .noEntry: "no entry begins here"
      case .checksumMismatch(let stored, let computed):
        "the checksum says 0x\(String(stored, radix: 16)), the content has 0x\(String(computed, radix: 16))"
      case .batch(let error): "the entry holds no batch: \(error)"
      case .entryBeyondEnd(let length, let available):
        "an entry claims \(length) bytes where \(available) are left, and others follow"
      case .entryTooShort(let length, let minimum): "an entry of \(length) bytes; the smallest has \(minimum)"
      }
    return "\(length) bytes from byte \(position): \(what)"
  }
}
