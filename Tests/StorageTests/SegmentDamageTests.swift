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

  @Test("and its checksum mended gives a typed error or records, but no trap", arguments: SegmentKind.all)
  func mendedChecksum(kind: SegmentKind) throws {
    let (file, _) = try smallSegment(kind)
    for position in 0..<(file.count - 32) {
      for pattern in Self.patterns {
        var damaged = file
        damaged[position] ^= pattern
        let checksum = Checksum.crc32(Array(damaged[..<(file.count - 32)]))
        for place in 0..<4 {
          damaged[file.count - 24 + place] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * place))
        }
        _ = try? SegmentReader(damaged).records()
        _ = try? SegmentReader(damaged).records(from: 5)
      }
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
