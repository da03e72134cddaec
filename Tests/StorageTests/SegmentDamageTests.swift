import Storage
import Testing

@Suite("A segment with one byte changed")
struct SegmentDamageTests {
  static let patterns: [UInt8] = [0x01, 0x10, 0x80, 0xFF]

  private func smallSegment(_ kind: SegmentKind) throws -> (file: [UInt8], records: [Record]) {
    var generator = SplitMix64(seed: 11)
    let records = generator.log(kind.version, atMost: 20)
    return (try kind.write(records, blockSizeTarget: 200), records)
  }

  @Test("gives a typed error or the right records", arguments: SegmentKind.all)
  func whole(kind: SegmentKind) throws {
    let (file, records) = try smallSegment(kind)
    for position in file.indices {
      for pattern in Self.patterns {
        var damaged = file
        damaged[position] ^= pattern
        do throws(SegmentError) {
          let found = try SegmentReader(damaged).records()
          #expect(found == records, "byte \(position) ^ \(pattern)")
          // Nobody looks at the last 16 bytes of version 1.
          #expect(kind.version == .one && position >= file.count - 16, "byte \(position) ^ \(pattern)")
        } catch {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }

  @Test("never traps when its checksum is left out", arguments: SegmentKind.all)
  func structureOnly(kind: SegmentKind) throws {
    let (file, records) = try smallSegment(kind)
    for position in file.indices {
      for pattern in Self.patterns {
        var damaged = file
        damaged[position] ^= pattern
        let found = try? SegmentReader(damaged, verification: .structure).records()
        // Version 2 compares each block with its checksum all the same.
        if kind.version == .two, let found { #expect(found == records, "byte \(position) ^ \(pattern)") }
      }
    }
  }

  @Test("gives a typed error or the right records by ranges, where the version can tell", arguments: SegmentKind.all)
  func ranges(kind: SegmentKind) throws {
    let (file, records) = try smallSegment(kind)
    for position in file.indices {
      for pattern in Self.patterns {
        var damaged = file
        damaged[position] ^= pattern
        do {
          let found = try RangedSegmentReaderTests.read(damaged, tailSize: 40).records
          if kind.version == .two { #expect(found == records, "byte \(position) ^ \(pattern)") }
        } catch {
          #expect(error is SegmentError, "byte \(position) ^ \(pattern): \(error)")
        }
      }
    }
  }

  @Test("or cut anywhere gives a typed error", arguments: SegmentKind.all)
  func cut(kind: SegmentKind) throws {
    let (file, _) = try smallSegment(kind)
    for length in file.indices {
      #expect(throws: SegmentError.self) { try SegmentReader(Array(file[..<length])) }
    }
  }

  @Test("and its checksums mended gives a typed error or a well-formed segment", arguments: SegmentKind.all)
  func mendedChecksum(kind: SegmentKind) throws {
    let (file, records) = try smallSegment(kind)
    #expect(MendedChecksums.of(file) == file)
    var outcomes = (errors: 0, changes: 0)
    for position in file.indices {
      for pattern in Self.patterns {
        var damaged = file
        damaged[position] ^= pattern
        damaged = MendedChecksums.of(damaged)
        let place: Comment = "byte \(position) ^ \(pattern)"
        do {
          let reader = try SegmentReader(damaged)
          let found = try reader.records()
          try requireWellFormed(found, reader, place)
          if found != records { outcomes.changes += 1 }
        } catch {
          #expect(!error.description.isEmpty, place)
          // No checksum tells it apart from what was written: it must be the structure that is wrong.
          if case .checksumMismatch = error { #expect(position >= file.count - 32, place) }
          outcomes.errors += 1
        }
      }
    }
    #expect(outcomes.errors > 100 && outcomes.changes > 100)
  }

  /// Records that agree with the header and the index, the same by ranges and after being written again.
  private func requireWellFormed(_ records: [Record], _ reader: SegmentReader, _ place: Comment) throws(SegmentError) {
    let header = reader.header
    #expect(records.count == header.recordCount && reader.index.count == header.blockCount, place)
    #expect(records.first?.offset == header.baseOffset && records.last?.offset == header.endOffset, place)
    #expect(records.allSatisfy { $0.producer?.id != 0 }, place)
    for details in reader.index.compactMap(\.details) {
      #expect(details.highestTimestamp <= records.map(\.timestamp).max() ?? 0, place)
    }
    var writer = SegmentWriter(
      version: header.version == 1 ? .one : .two, compression: header.compression, blockSizeTarget: 100)
    for record in records { try writer.append(record) }
    #expect(try SegmentReader(writer.finish()).records() == records, place)
  }

  /// A segment of version 2 without compression, of one block, and where its index begins.
  private func uncompressedBlock(_ record: Record) throws -> (file: [UInt8], index: Int) {
    let file = try SegmentKind(version: .two, compression: .none).write([record], blockSizeTarget: 1000)
    return (file, try SegmentReader(file).blocksEnd)
  }

  @Test("in the highest timestamp of a block, its checksums mended, is found while the block is read")
  func highestTimestamp() throws {
    for kind in SegmentKind.all where kind.version == .two {
      let (file, records) = try smallSegment(kind)
      let index = try SegmentReader(file).index
      for number in index.indices {
        let place = try SegmentReader(file).blocksEnd + 4 + 48 * number + 24
        let right = try #require(index[number].details?.highestTimestamp)
        for wrong in [right &- 1, right &+ 1, 0, .max] where wrong != right {
          var damaged = file
          MendedChecksums.put(wrong, at: place, in: &damaged)
          damaged = MendedChecksums.of(damaged)
          let error = SegmentError.highestTimestampMismatch(
            position: index[number].position, index: wrong, found: right)
          #expect(throws: error) { try SegmentReader(damaged).records() }
          #expect(throws: error) { try RangedSegmentReaderTests.read(damaged, tailSize: 40) }
        }
      }
      #expect(try SegmentReader(file).records() == records)
    }
  }

  @Test("in a reserved byte of version 2, its checksums mended, is found in header, index entry and footer")
  func reservedBytes() throws {
    let (file, index) = try uncompressedBlock(Record(offset: 1, timestamp: 1, key: nil, value: [1]))
    let footer = file.count - 32
    for (places, reported) in [
      (32..<64, 32), ((index + 48)..<(index + 52), index + 48), ((footer + 16)..<file.count, footer + 16),
    ] {
      for place in places {
        var damaged = file
        damaged[place] = 1
        damaged = MendedChecksums.of(damaged)
        #expect(throws: SegmentError.reservedNotZero(position: reported)) { try SegmentReader(damaged) }
        #expect(throws: SegmentError.reservedNotZero(position: reported)) {
          try RangedSegmentReaderTests.read(damaged, tailSize: 40)
        }
      }
    }
  }

  @Test("that makes a producer's id 0 hands out no such producer")
  func producerWithoutIdentifier() throws {
    var record = Record(offset: 1, timestamp: 1, key: nil, value: [])
    record.producer = ProducerStamp(id: 9, epoch: 1, sequence: 1)
    var (file, _) = try uncompressedBlock(record)
    // Flags and two differences of one byte each, then the id.
    #expect(file[67] == 9)
    file[67] = 0
    file = MendedChecksums.of(file)
    #expect(
      throws: SegmentError.damagedRecord(blockPosition: 64, offsetInBlock: 0, fault: .producerWithoutIdentifier)
    ) {
      try SegmentReader(file).records()
    }
  }

  @Test("takes no memory on the word of a file")
  func hugeClaims() throws {
    let (file, _) = try smallSegment(SegmentKind(version: .one, compression: .lz4))
    var damaged = file
    for place in 64..<68 { damaged[place] = 0x7F }
    let caught = #expect(throws: SegmentError.self) {
      try SegmentReader(damaged, verification: .structure).records()
    }
    guard case .implausibleBlockSize(64, 0x7F7F_7F7F, _) = caught else {
      Issue.record("\(String(describing: caught))")
      return
    }
  }
}
