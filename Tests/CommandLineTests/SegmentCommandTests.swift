import Foundation
import Testing

/// `segment`: the original's files, read and written.
@Suite struct SegmentCommandTests {
  private let simulator = Simulator.debug

  static let segments = [
    "single_none", "single_lz4", "single_nokey_emptyvalue_none", "single_nokey_emptyvalue_lz4", "empty_keys_none",
    "empty_keys_lz4", "ten_none", "ten_lz4", "mixed_keys_none", "mixed_keys_lz4", "seed_key1_none", "seed_key1_lz4",
    "timestamps_none", "offset_gaps_lz4", "offset_max_none", "offset_max_lz4", "offset_unordered_none",
    "offset_unordered_lz4",
  ]

  /// Segments whose golden lines give only the length and hash of long values.
  static let longSegments = ["block_exact_lz4", "block_one_under_lz4", "blocks_compressible_lz4"]

  private func golden(_ name: String) -> String { "\(Repository.golden)/\(name)" }

  @Test(arguments: segments)
  func recordsAreShownAsTheOriginalReadsThem(name: String) throws {
    let outcome = try simulator("segment", "show", golden("\(name).seg"), "--records", "--json")
    #expect(outcome.status == 0)
    #expect(outcome.out == (try String(contentsOfFile: golden("\(name).jsonl"), encoding: .utf8)))
  }

  @Test(arguments: segments.filter { $0.hasSuffix("_none") })
  func anUncompressedSegmentIsWrittenAsTheOriginalWroteIt(name: String) throws {
    let folder = try Folder()
    let outcome = try simulator(
      "segment", "write", "--from", golden("\(name).jsonl"), "--compression", "none", "--out", folder.path("it.seg"))
    #expect(outcome.status == 0)
    #expect(outcome.out == "")
    #expect(try folder.bytes("it.seg") == Data(contentsOf: URL(fileURLWithPath: golden("\(name).seg"))))
  }

  @Test(arguments: segments.filter { $0.hasSuffix("_lz4") } + longSegments)
  func aCompressedSegmentGoesThereAndBack(name: String) throws {
    let folder = try Folder()
    let shown = try simulator("segment", "show", golden("\(name).seg"), "--records", "--json")
    let lines = try folder.write("it.jsonl", shown.out)
    let written = try simulator("segment", "write", "--from", lines, "--out", folder.path("it.seg"))
    #expect(written.status == 0)
    #expect(try simulator("segment", "check", folder.path("it.seg")).status == 0)
    #expect(try simulator("segment", "show", folder.path("it.seg"), "--records", "--json").out == shown.out)
  }

  @Test(arguments: segments + longSegments)
  func theSummaryAgreesWithTheRecords(name: String) throws {
    let summary = try simulator("segment", "show", golden("\(name).seg"), "--json")
    let lines = try simulator("segment", "show", golden("\(name).seg"), "--records", "--json").out.split(
      separator: "\n")
    let document = try #require(summary.document)
    #expect(document["recordCount"] as? Int == lines.count)
    let blocks = try #require(document["blocks"] as? [[String: Any]])
    #expect(blocks.reduce(0) { $0 + ($1["records"] as? Int ?? 0) } == lines.count)
    let people = try simulator("segment", "show", golden("\(name).seg"))
    #expect(people.status == 0 && people.out.contains("\(lines.count) records"))
  }

  @Test func everyGoodFileIsRight() throws {
    let files = (Self.segments + Self.longSegments + ["ok_block_count_wrong", "ok_record_count_wrong"]).map {
      golden("\($0).seg")
    }
    let outcome = try simulator.run(["segment", "check"] + files.dropLast(2))
    #expect(outcome.status == 0)
    #expect(outcome.out == files.dropLast(2).map { "\($0): right\n" }.joined())
    #expect(outcome.errors == "")
  }

  @Test(arguments: [
    ("bad_95_bytes", "the file has 95 bytes"), ("bad_block_byte", "byte "), ("bad_compression", "byte 6: "),
    ("bad_crc", "byte "), ("bad_empty", "the file has 0 bytes"), ("bad_footer_magic", "byte "),
    ("bad_header_magic", "byte 0: "), ("bad_index_count", ""),
    ("bad_index_position_far", "the footer puts the index at "),
    ("bad_index_position_plus1", ""), ("bad_key_length", "block at byte "),
    ("bad_lz4_size_small", "byte "), ("bad_reserved_header", ""), ("bad_truncated", ""),
    ("bad_varint", "block at byte "),
    // The file says version 2, which this project has: read as such its footer does not fit.
    ("bad_version", "the footer puts the index at "),
    ("bad_zstd", "byte 6: compression 2 (zstd) is not implemented; 0 (none) and 1 (lz4) are"),
  ])
  func aDamagedFileIsRefusedWithWhatIsWrongWhere(name: String, complaint: String) throws {
    let file = golden("\(name).seg")
    for arguments in [["check", file], ["show", file, "--records", "--json"], ["show", file]] {
      let outcome = try simulator.run(["segment"] + arguments)
      #expect(outcome.status == 65)
      #expect(outcome.errors.hasPrefix("\(file): \(complaint)"), "\(arguments)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
      if arguments.count < 4 { #expect(outcome.out == "") }
    }
  }

  /// Its checksum was mended after the change, so that nothing in the file contradicts it.
  @Test func aChangedByteUnderAMendedChecksumCannotBeSeen() throws {
    #expect(try simulator("segment", "check", golden("bad_last_block_byte.seg")).status == 0)
  }

  @Test func oneDamagedFileAmongGoodOnesIsTold() throws {
    let outcome = try simulator(
      "segment", "check", golden("ten_none.seg"), golden("bad_crc.seg"), golden("ten_lz4.seg"))
    #expect(outcome.status == 65)
    #expect(outcome.out.split(separator: "\n").count == 2)
    #expect(outcome.errors.hasPrefix("\(golden("bad_crc.seg")): "))
  }

  @Test(arguments: [
    ("{\"offset\":0,\"timestamp\":0,\"key\":null,\"value\":\"\"}\nnonsense\n", ":2:1: this is not a record; write "),
    ("{\"offset\":0,\"timestamp\":0,\"key\":null,\"value\":\"!\"}\n", ":1:1: the value is not base64"),
    ("\n{\"offset\":0,\"timestamp\":0,\"key\":\"?\",\"value\":\"\"}\n", ":2:1: the key is not base64"),
    ("{\"offset\":-1,\"timestamp\":0,\"key\":null,\"value\":\"\"}\n", ":1:1: this is not a record; write "),
    ("{\"timestamp\":0,\"key\":null,\"value\":\"\"}\n", ":1:1: this is not a record; write "),
    (
      "{\"offset\":0,\"timestamp\":0,\"kye\":\"aw==\",\"value\":\"\"}\n",
      ":1:1: the field \"kye\" is not known here; offset, timestamp, key, value, headers and producer are"
    ),
    (
      "{\"offset\":0,\"timestamp\":0,\"value\":\"\",\"headers\":[{\"name\":\"\",\"value\":\"\",\"v\":1}]}\n",
      ":1:1: the field \"v\" is not known here; name and value are"
    ),
    (
      "{\"offset\":0,\"timestamp\":0,\"value\":\"\",\"producer\":{\"id\":1,\"epoch\":1,\"sequence\":1,\"Epoch\":2}}\n",
      ":1:1: the field \"Epoch\" is not known here; id, epoch and sequence are"
    ),
    ("{\"offset\":0,\"timestamp\":0,\"key\":null,\"value\":\"\"}\r\n\r\nnonsense\r\n", ":3:1: this is not a record"),
    ("", ":1:1: a segment needs at least one record"),
  ])
  func linesThatAreNoRecordsAreRefusedWithTheirPlace(text: String, complaint: String) throws {
    let folder = try Folder()
    let lines = try folder.write("it.jsonl", text)
    let outcome = try simulator("segment", "write", "--from", lines, "--out", folder.path("it.seg"))
    #expect(outcome.status == 65)
    #expect(outcome.errors.hasPrefix(lines + complaint), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("it.seg")))
  }

  @Test func linesThatEndAsOnWindowsAreRead() throws {
    let folder = try Folder()
    let text = try String(contentsOfFile: golden("ten_none.jsonl"), encoding: .utf8)
    let lines = try folder.write("it.jsonl", text.split(separator: "\n").map { "\($0)\r\n" }.joined())
    let outcome = try simulator("segment", "write", "--from", lines, "--out", folder.path("it.seg"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try simulator("segment", "show", folder.path("it.seg"), "--records", "--json").out == text)
  }

  @Test func resultsThatCannotBeWrittenAreAFailureAndAReaderThatWentAwayIsNone() throws {
    let show = "\"$SIMULATOR\" segment show '\(golden("ten_lz4.seg"))' --records --json"
    #expect(try shell("\(show) > /dev/full 2> /dev/null") == 74)
    // The status of the one that writes, which the shell tells in a file.
    let folder = try Folder()
    let status = folder.path("status")
    #expect(try shell("trap '' PIPE; { sleep 0.2; \(show); echo $? > '\(status)'; } | true; sleep 1") == 0)
    let text = try String(contentsOfFile: status, encoding: .utf8)
    #expect(text == "0\n")
  }

  @Test func aFolderIsNoSegment() throws {
    let folder = try Folder()
    for arguments in [["--by-ranges"], []] {
      let outcome = try simulator.run(["segment", "check"] + arguments + [folder.url.path])
      #expect(outcome.status == 65)
      #expect(outcome.errors.hasPrefix(folder.url.path + ":") && outcome.errors.contains("a segment file"))
      #expect(!outcome.errors.contains("Cocoa"))
    }
  }

  @Test(arguments: ["none", "lz4"])
  func headersAndProducersGoThereAndBackInVersionTwo(compression: String) throws {
    let folder = try Folder()
    let text = """
      {"offset":7,"timestamp":1,"key":"","value":"dg==","headers":[{"name":"dA==","value":""}],"producer":{"id":7,"epoch":1,"sequence":12}}
      {"offset":8,"timestamp":2,"key":null,"value":"dg==","producer":{"id":7,"epoch":1,"sequence":13}}
      {"offset":9,"timestamp":2,"key":"aw==","value":""}

      """
    let lines = try folder.write("it.jsonl", text)
    let written = try simulator(
      "segment", "write", "--from", lines, "--format-version", "2", "--compression", compression, "--out",
      folder.path("it.seg"))
    #expect(written.status == 0, "\(written.errors)")
    #expect(try simulator("segment", "show", folder.path("it.seg"), "--records", "--json").out == text)
    let document = try #require(try simulator("segment", "show", folder.path("it.seg"), "--json").document)
    #expect(document["version"] as? Int == 2)
    #expect((document["firstRecord"] as? [String: Any])?["offset"] as? Int == 7)
    #expect((document["lastRecord"] as? [String: Any])?["offset"] as? Int == 9)
    let people = try simulator("segment", "show", folder.path("it.seg")).out
    #expect(people.contains("first record: offset 7, ") && people.contains("last record:  offset 9, "))
    #expect(people.contains("producer 7 epoch 1 sequence 12"))
  }

  @Test func whatVersionOneHasNoRoomForIsRefused() throws {
    let folder = try Folder()
    let lines = try folder.write(
      "it.jsonl",
      "{\"offset\":7,\"timestamp\":1,\"key\":null,\"value\":\"\",\"headers\":[{\"name\":\"\",\"value\":\"\"}]}\n")
    let outcome = try simulator("segment", "write", "--from", lines, "--out", folder.path("it.seg"))
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("record 7 has headers or a producer, which version 1 has no room for"))
  }

  /// The whole point of JSON Lines: other tools read and write them.
  @Test func recordsGoThroughOtherToolsInAPipe() throws {
    let folder = try Folder()
    let outcome = try shell(
      "\"$SIMULATOR\" segment show '\(golden("ten_lz4.seg"))' --records --json"
        + " | sed 's/\"offset\":/\"offset\":10/'"
        + " | \"$SIMULATOR\" segment write --from - --out '\(folder.path("it.seg"))'")
    #expect(outcome == 0)
    let document = try #require(try simulator("segment", "show", folder.path("it.seg"), "--json").document)
    #expect(document["baseOffset"] as? Int == 10_100)
    #expect(document["endOffset"] as? Int == 10_109)
  }

  private func shell(_ line: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line]
    process.environment = ProcessInfo.processInfo.environment.merging(["SIMULATOR": simulator.binary]) { $1 }
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func aBlockAtATimeTheSameFilesAreRight() throws {
    let files = (Self.segments + Self.longSegments).map { golden("\($0).seg") }
    let outcome = try simulator.run(["segment", "check", "--by-ranges"] + files)
    #expect(outcome.status == 0)
    #expect(outcome.out == files.map { "\($0): right\n" }.joined())
    let bad = try simulator("segment", "check", "--by-ranges", golden("bad_index_count.seg"))
    #expect(bad.status == 65)
    let missing = try simulator("segment", "check", "--by-ranges", golden("missing.seg"))
    #expect(missing.status == 65)
    #expect(missing.errors.contains("there is no such file"))
  }

  /// In a release build only: in debug the 1.1 GB take a minute.
  @Test(.enabled(if: Simulator.release != nil))
  func aSegmentOfAGigabyteIsReadByRangesInLessThan64Mebibytes() throws {
    let release = try #require(Simulator.release)
    let outcome = try release("bench", "--filter", "storage.memory", "--json")
    #expect(outcome.status == 0)
    let object = try JSONSerialization.jsonObject(with: Data(outcome.out.utf8))
    let figures = try #require(object as? [[String: Any]])
    let figure = try #require(figures.first { $0["name"] as? String == "storage.memory.ranged" })
    let peak = try #require(figure["value"] as? Double)
    #expect(peak > 1 && peak < 64)
  }
}
