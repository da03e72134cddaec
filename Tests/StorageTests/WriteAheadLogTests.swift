import Foundation
import Storage
import Testing

@Suite("Write-ahead logs")
struct WriteAheadLogTests {
  static func entries(_ count: Int) -> [LogEntry] {
    var builder = RecordBatchBuilder()
    var offset: UInt64 = 100
    return (0..<count).map { number in
      for record in 0...(number % 3) {
        builder.append(timestamp: UInt64(record), key: [UInt8(number)], value: Array("value \(number)".utf8))
      }
      let batch = builder.finish()
      defer { offset += UInt64(batch.count) }
      return LogEntry(
        offset: offset, epoch: 3, producer: UInt64(number), producerEpoch: 2, sequence: UInt64(number) * 7,
        batch: batch)
    }
  }

  static func encode(_ entries: [LogEntry], filePosition: Int = 0) -> (bytes: [UInt8], ends: [Int]) {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for entry in entries {
      WriteAheadLog.encode(entry, into: &bytes, filePosition: filePosition)
      ends.append(bytes.count)
    }
    return (bytes, ends)
  }

  @Test("recover every entry after a clean end")
  func cleanEnd() {
    let entries = Self.entries(10)
    let (bytes, _) = Self.encode(entries)
    #expect(WriteAheadLog.recover(bytes) == LogRecovery(entries, validLength: bytes.count))
    #expect(WriteAheadLog.recover([]) == LogRecovery([], validLength: 0))
  }

  @Test("stop cleanly at an entry that was cut off, wherever the cut is")
  func tornTail() {
    let entries = Self.entries(4)
    let (bytes, ends) = Self.encode(entries)
    for length in 0..<bytes.count {
      let whole = ends.filter { $0 <= length }
      let recovery = WriteAheadLog.recover(Array(bytes[..<length]))
      #expect(recovery.entries == Array(entries[..<whole.count]))
      #expect(recovery.validLength == whole.last ?? 0)
      #expect(recovery.tornTail == length - (whole.last ?? 0))
      #expect(recovery.damage.isEmpty)
    }
  }

  @Test("take zeros at the end for a file that was made longer and never written")
  func zerosAtTheEnd() {
    let (bytes, _) = Self.encode(Self.entries(2))
    let recovery = WriteAheadLog.recover(bytes + [UInt8](repeating: 0, count: 4096))
    #expect(recovery.entries.count == 2)
    #expect(recovery.tornTail == 4096)
    #expect(recovery.damage.isEmpty)
  }

  @Test("report a damaged middle with its place and the offsets lost, and keep the rest")
  func damagedMiddle() {
    let entries = Self.entries(5)
    let (bytes, ends) = Self.encode(entries)
    for position in ends[1]..<ends[2] {
      var damaged = bytes
      damaged[position] ^= 0x40
      let recovery = WriteAheadLog.recover(damaged)
      #expect(recovery.entries == [entries[0], entries[1], entries[3], entries[4]])
      #expect(recovery.validLength == bytes.count)
      #expect(recovery.damage.count == 1)
      #expect(recovery.damage.first?.position == ends[1])
      #expect(recovery.damage.first?.length == ends[2] - ends[1])
      #expect(
        recovery.losses == [LogLoss(damage: 0..<1, offsets: entries[2].offset..<entries[2].endOffset)])
    }
  }

  @Test("with one byte changed lose that entry alone, and say so")
  func oneByteChanged() {
    let entries = Self.entries(4)
    let (bytes, _) = Self.encode(entries)
    for position in bytes.indices {
      for pattern: UInt8 in [0x01, 0x10, 0x80, 0xFF] {
        var damaged = bytes
        damaged[position] ^= pattern
        let recovery = WriteAheadLog.recover(damaged)
        #expect(recovery.entries.count == 3)
        #expect(recovery.entries.allSatisfy(entries.contains))
        #expect(recovery.damage.count == 1)
        #expect(recovery.damage.allSatisfy { !$0.description.isEmpty })
      }
    }
  }

  @Test("take no memory on the word of a length, even under a right checksum")
  func hugeLength() {
    let entries = Self.entries(2)
    var (bytes, ends) = Self.encode(entries)
    Self.claim(0xFFFF_FFFF, at: ends[0], in: &bytes)
    // An entry of 4 GiB that the file's end cuts off: nothing is made room for, nothing behind it is believed.
    let recovery = WriteAheadLog.recover(bytes)
    #expect(recovery.entries == [entries[0]])
    #expect(recovery.tornTail == bytes.count - ends[0])
    #expect(recovery.damage.isEmpty)
  }

  /// Puts a length under a right checksum into the prefix of the entry at a position.
  static func claim(_ length: UInt32, at position: Int, in bytes: inout [UInt8]) {
    for place in 0..<4 { bytes[position + 4 + place] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(place))) }
    let seed = Checksum.crc32((0..<8).map { UInt8(truncatingIfNeeded: position >> (8 * $0)) })
    let checksum = Checksum.crc32(Array(bytes[position..<(position + 12)]), seed: seed)
    for place in 0..<4 { bytes[position + 12 + place] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(place))) }
  }

  @Test("whose length is damaged under a right checksum hide no entry behind it")
  func hugeLengthInTheMiddle() {
    let entries = Self.entries(4)
    var (bytes, ends) = Self.encode(entries)
    Self.claim(0xFFFF_FFFF, at: ends[0], in: &bytes)
    let recovery = WriteAheadLog.recover(bytes)
    #expect(recovery.entries == [entries[0], entries[2], entries[3]])
    #expect(recovery.tornTail == 0)
    let reason = LogDamage.Reason.entryBeyondEnd(length: 0xFFFF_FFFF, available: bytes.count - ends[0] - 16)
    #expect(recovery.damage == [LogDamage(position: ends[0], length: ends[1] - ends[0], reason: reason)])
  }

  @Test("say what several damaged entries in a row have cost together")
  func damageInARow() throws {
    let entries = Self.entries(8)
    let (bytes, ends) = Self.encode(entries)
    var damaged = bytes
    // Two whose content is damaged, side by side; then, behind two good ones, one without a prefix.
    for position in [ends[1] + 30, ends[2] + 30, ends[5] + 1] { damaged[position] ^= 0x40 }
    let recovery = WriteAheadLog.recover(damaged)
    #expect(recovery.entries == [0, 1, 4, 5, 7].map { entries[$0] })
    #expect(recovery.damage.map(\.position) == [ends[1], ends[2], ends[5]])
    #expect(
      recovery.losses == [
        LogLoss(damage: 0..<2, offsets: entries[2].offset..<entries[3].endOffset),
        LogLoss(damage: 2..<3, offsets: entries[6].offset..<entries[6].endOffset),
      ])
    #expect(
      recovery.losses.first?.description
        == "offsets from \(entries[2].offset) up to but not \(entries[3].endOffset) are lost")
  }

  @Test("at the wrong place in a file are none")
  func wrongPlace() {
    let entries = Self.entries(2)
    for shift in 1...20 {
      let bytes = Self.encode(entries, filePosition: shift).bytes
      #expect(WriteAheadLog.recover(bytes).entries.isEmpty)
    }
  }

  struct OriginalLine: Decodable {
    let timestamp: UInt64
    let key: Data?
    let value: Data?
    let valueLen: Int?
    let valueSha256: String?
  }

  @Test("of the original are read as the original reads them", arguments: ["wal.wal", "wal_torn.wal"])
  func original(file: String) throws {
    let lines = try Golden.lines("wal.jsonl", as: OriginalLine.self)
    let recovery = try OriginalLog.recover(Golden.bytes(file))
    let expected = file == "wal.wal" ? lines : Array(lines.dropLast())
    #expect(recovery.records.count == expected.count)
    #expect(recovery.damage.isEmpty)
    #expect((recovery.tornTail > 0) == (file == "wal_torn.wal"))
    for (record, line) in zip(recovery.records, expected) {
      #expect(record.timestamp == line.timestamp)
      #expect(record.key == line.key.map { [UInt8]($0) })
      if let value = line.value {
        #expect(record.value == [UInt8](value))
      } else {
        #expect(record.value.count == line.valueLen)
        #expect(sha256(record.value) == line.valueSha256)
      }
    }
  }

  @Test("of the original trap nobody, whatever is changed or cut")
  func originalDamaged() throws {
    let bytes = try Array(Golden.bytes("wal.wal")[..<140])
    let whole = OriginalLog.recover(bytes).records
    for position in bytes.indices {
      for pattern: UInt8 in [0x01, 0x80, 0xFF] {
        var damaged = bytes
        damaged[position] ^= pattern
        let recovery = OriginalLog.recover(damaged)
        #expect(recovery.records.allSatisfy { whole.contains($0) })
        #expect(!recovery.damage.isEmpty || recovery.tornTail > 0)
      }
    }
  }
}

extension LogRecovery {
  init(_ entries: [LogEntry], validLength: Int) {
    self.init()
    self.entries = entries
    self.validLength = validLength
  }
}
