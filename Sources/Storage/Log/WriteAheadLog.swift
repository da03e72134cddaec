/// The format of an agent's write-ahead log: entries back to back, little-endian.
///
/// | bytes | field |
/// |-------|-------|
/// | 4 | mark `SHLE` |
/// | 4 | length of the content |
/// | 4 | CRC-32 of the content |
/// | 4 | CRC-32 of the entry's position in the file (8 bytes) and of the 12 bytes before |
/// | 8 8 8 4 8 | content: offset, lease epoch, producer, producer epoch, sequence |
/// | … | content: the batch as it came |
///
/// The second checksum makes the length trustworthy on its own: an entry whose content is damaged loses just that
/// entry, and an entry that the file's end cuts off is known to be one that was never completely written. Because it
/// covers the position, bytes inside a value that look like an entry are none where they lie: they were made for
/// another place, whoever put them there (docs/decisions/0026).
public enum WriteAheadLog {
  /// The bytes `SHLE` read as a little-endian integer.
  static let magic: UInt32 = 0x454C_4853
  static let prefixSize = 16
  static let fieldsSize = 36
  /// What an entry takes beside its batch, in bytes.
  public static let entryOverhead = prefixSize + fieldsSize

  /// Whether an entry can be encoded: it holds less than 4 GiB.
  static func canEncode(_ entry: LogEntry) -> Bool {
    UInt32(exactly: fieldsSize + entry.batch.bytes.count) != nil
  }

  /// Appends the encoding of `entry` to `bytes`.
  ///
  /// An entry holds less than 4 GiB; a batch that does not fit is not appended.
  ///
  /// - Parameters:
  ///   - entry: what to append.
  ///   - bytes: entries that go to the file in one piece.
  ///   - filePosition: where in the file the first byte of `bytes` will lie. An entry is only readable there.
  /// - Returns: whether the entry was appended.
  @discardableResult
  public static func encode(_ entry: LogEntry, into bytes: inout [UInt8], filePosition: Int) -> Bool {
    guard let length = UInt32(exactly: fieldsSize + entry.batch.bytes.count) else { return false }
    let start = bytes.count
    bytes.appendLittleEndian(magic)
    bytes.appendLittleEndian(length)
    bytes.appendLittleEndian(UInt64(0))
    bytes.appendLittleEndian(entry.offset)
    bytes.appendLittleEndian(entry.epoch)
    bytes.appendLittleEndian(entry.producer)
    bytes.appendLittleEndian(entry.producerEpoch)
    bytes.appendLittleEndian(entry.sequence)
    bytes.append(contentsOf: entry.batch.bytes)
    let content = bytes.withUnsafeBytes {
      Checksum.crc32(UnsafeRawBufferPointer(rebasing: $0[(start + prefixSize)...]))
    }
    bytes.replaceLittleEndian(content, at: start + 8)
    let prefix = bytes.withUnsafeBytes {
      prefixChecksum(UnsafeRawBufferPointer(rebasing: $0[start..<start + 12]), filePosition: filePosition + start)
    }
    bytes.replaceLittleEndian(prefix, at: start + 12)
    return true
  }

  private static func prefixChecksum(_ prefix: UnsafeRawBufferPointer, filePosition: Int) -> UInt32 {
    let seed = withUnsafeBytes(of: UInt64(truncatingIfNeeded: filePosition).littleEndian) { Checksum.crc32($0) }
    return Checksum.crc32(prefix, seed: seed)
  }

  /// Reads what can be read of a log file, given from its beginning.
  ///
  /// Stops cleanly at an entry that was cut off, goes on behind damage and reports it. An entry that claims more than
  /// is there was cut off only if no other follows; otherwise its length is damaged. Never fails and never allocates on
  /// the word of the file.
  ///
  /// - Complexity: O(*n*) in the bytes.
  public static func recover(_ bytes: [UInt8]) -> LogRecovery {
    bytes.withUnsafeBytes { buffer in
      var recovery = LogRecovery()
      var position = 0
      // Damage in front of this one lies before the last readable entry.
      var firstDamage = 0
      while position < buffer.count {
        guard let prefix = Prefix(in: buffer, at: position),
          prefix.length <= buffer.count - position - prefixSize
        else {
          position = skipUnreadable(in: buffer, from: position, into: &recovery)
          continue
        }
        let end = position + prefixSize + prefix.length
        switch readEntry(buffer, from: position + prefixSize, to: end, checksum: prefix.checksum) {
        case .success(let entry):
          noteLostOffsets(before: entry, damage: firstDamage..<recovery.damage.count, in: &recovery)
          firstDamage = recovery.damage.count
          recovery.entries.append(entry)
          recovery.validLength = end
        case .failure(let failure):
          recovery.damage.append(
            LogDamage(position: position, length: end - position, reason: failure.reason))
        }
        position = end
      }
      return recovery
    }
  }

  private struct Prefix {
    let length: Int
    let checksum: UInt32

    init?(in buffer: UnsafeRawBufferPointer, at position: Int) {
      guard FixedWidth.littleEndian(UInt32.self, in: buffer, at: position) == magic,
        let length = FixedWidth.littleEndian(UInt32.self, in: buffer, at: position + 4),
        let checksum = FixedWidth.littleEndian(UInt32.self, in: buffer, at: position + 8),
        let own = FixedWidth.littleEndian(UInt32.self, in: buffer, at: position + 12),
        own
          == prefixChecksum(
            UnsafeRawBufferPointer(rebasing: buffer[position..<position + 12]), filePosition: position)
      else { return nil }
      self.length = Int(length)
      self.checksum = checksum
    }
  }

  private struct Unreadable: Error {
    let reason: LogDamage.Reason
  }

  private static func readEntry(
    _ buffer: UnsafeRawBufferPointer, from start: Int, to end: Int, checksum: UInt32
  ) -> Result<LogEntry, Unreadable> {
    let content = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
    let computed = Checksum.crc32(content)
    guard computed == checksum else {
      return .failure(Unreadable(reason: .checksumMismatch(stored: checksum, computed: computed)))
    }
    guard let offset = FixedWidth.littleEndian(UInt64.self, in: content, at: 0),
      let epoch = FixedWidth.littleEndian(UInt64.self, in: content, at: 8),
      let producer = FixedWidth.littleEndian(UInt64.self, in: content, at: 16),
      let producerEpoch = FixedWidth.littleEndian(UInt32.self, in: content, at: 24),
      let sequence = FixedWidth.littleEndian(UInt64.self, in: content, at: 28)
    else { return .failure(Unreadable(reason: .entryTooShort(length: content.count, minimum: fieldsSize))) }
    do throws(BatchError) {
      let batch = try RecordBatch(decoding: [UInt8](content[fieldsSize...]))
      return .success(
        LogEntry(
          offset: offset, epoch: epoch, producer: producer, producerEpoch: producerEpoch, sequence: sequence,
          batch: batch))
    } catch {
      return .failure(Unreadable(reason: .batch(error)))
    }
  }

  /// Notes the stretch from `start`, where no whole entry begins, to the next readable prefix, and returns where that
  /// is.
  private static func skipUnreadable(
    in buffer: UnsafeRawBufferPointer, from start: Int, into recovery: inout LogRecovery
  ) -> Int {
    var next = start + 1
    while next < buffer.count, Prefix(in: buffer, at: next) == nil { next += 1 }
    if next == buffer.count, isUnfinished(buffer, from: start) {
      recovery.tornTail = buffer.count - start
    } else {
      let reason: LogDamage.Reason =
        Prefix(in: buffer, at: start).map {
          .entryBeyondEnd(length: $0.length, available: buffer.count - start - prefixSize)
        } ?? .noEntry
      recovery.damage.append(LogDamage(position: start, length: next - start, reason: reason))
    }
    return next
  }

  /// True when the rest of the log may be the beginning of an entry: cut off inside its content or its prefix, or a
  /// file that was made longer and not written, which reads as zeros.
  private static func isUnfinished(_ buffer: UnsafeRawBufferPointer, from start: Int) -> Bool {
    if Prefix(in: buffer, at: start) != nil { return true }
    let rest = buffer[start...]
    if rest.count < prefixSize {
      let mark = withUnsafeBytes(of: magic.littleEndian) { [UInt8]($0) }
      if zip(rest, mark).allSatisfy({ $0 == $1 }) { return true }
    }
    return rest.allSatisfy { $0 == 0 }
  }

  /// Offsets of one epoch follow each other, so a gap in front of `entry` is what the damage there has cost.
  private static func noteLostOffsets(
    before entry: LogEntry, damage: Range<Int>, in recovery: inout LogRecovery
  ) {
    guard !damage.isEmpty, let previous = recovery.entries.last, previous.epoch == entry.epoch,
      previous.endOffset < entry.offset
    else { return }
    recovery.losses.append(LogLoss(damage: damage, offsets: previous.endOffset..<entry.offset))
  }
}
