import Foundation
import Storage
import Testing

@testable import Scenarios

/// Which files a scenario may name, and what they have to be.
@Suite struct PreloadTests {
  private func golden(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: Repository.golden.appendingPathComponent(name)))
  }

  private func write(_ folder: borrowing TemporaryFolder, naming file: String) throws -> String {
    try folder.write(
      "inner/s.yaml",
      "name: x\ntopics: {archive: {partitions: 2}}\npreload:\n  - file: \(file)\n    topic: archive\n    partition: 1\n"
    )
  }

  private func problem(_ path: String, outside: Bool = false) -> ScenarioError? {
    var loader = ScenarioLoader()
    loader.allowsFilesOutside = outside
    do {
      _ = try loader.load(path)
      return nil
    } catch {
      #expect(error.errors.count == 1)
      return error.errors.first
    }
  }

  @Test func aSegmentBelowTheFolderIsRead() throws {
    let folder = try TemporaryFolder()
    let bytes = try golden("ten_lz4.seg")
    try folder.write("inner/deeper/ten.seg", bytes)
    let loaded = try ScenarioLoader().load(try write(folder, naming: "deeper/ten.seg"))
    #expect(loaded.preloaded.count == 1)
    #expect(loaded.preloaded.first?.bytes == bytes)
    #expect(loaded.preloaded.first?.contents.count == 10)
    #expect(loaded.preloaded.first?.preload.partition == 1)
  }

  @Test(arguments: ["../ten.seg", "deeper/../../ten.seg", "./../inner/../ten.seg"])
  func aFileAboveTheFolderIsRefusedUnlessAllowed(file: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("ten.seg", golden("ten_lz4.seg"))
    try folder.write("inner/deeper/other", "")
    let path = try write(folder, naming: file)
    let error = try #require(problem(path))
    #expect(error.message == "`\(file)` is not below the scenario's folder")
    #expect(error.remedy == "move the file there, or allow it with --allow-files-outside")
    #expect(error.line == 4 && error.column == 11)
    #expect(problem(path, outside: true) == nil)
  }

  @Test func anAbsolutePathIsRefusedUnlessAllowed() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("inner/ten.seg", golden("ten_lz4.seg"))
    let path = try write(folder, naming: file)
    #expect(problem(path)?.message == "`\(file)` is not below the scenario's folder")
    #expect(problem(path, outside: true) == nil)
  }

  @Test func aLinkThatLeadsOutIsRefusedUnlessAllowed() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("outer/ten.seg", golden("ten_lz4.seg"))
    let path = try write(folder, naming: "link.seg")
    try FileManager.default.createSymbolicLink(atPath: folder.path("inner/link.seg"), withDestinationPath: file)
    #expect(problem(path)?.message == "`link.seg` is not below the scenario's folder")
    #expect(problem(path, outside: true) == nil)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("inner/door"), withDestinationPath: folder.path("outer"))
    let through = try write(folder, naming: "door/ten.seg")
    #expect(problem(through)?.message == "`door/ten.seg` is not below the scenario's folder")
  }

  @Test func aLinkWithinTheFolderIsFollowed() throws {
    let folder = try TemporaryFolder()
    try folder.write("inner/ten.seg", golden("ten_lz4.seg"))
    try FileManager.default.createSymbolicLink(atPath: folder.path("inner/link.seg"), withDestinationPath: "ten.seg")
    #expect(problem(try write(folder, naming: "link.seg")) == nil)
  }

  @Test func aFolderWhoseNameOnlyBeginsAlikeIsOutside() throws {
    let folder = try TemporaryFolder()
    try folder.write("inner-2/ten.seg", golden("ten_lz4.seg"))
    #expect(problem(try write(folder, naming: "../inner-2/ten.seg"))?.message.contains("is not below") == true)
  }

  @Test func aFileThatIsMissingOrNoFileIsNamed() throws {
    let folder = try TemporaryFolder()
    #expect(problem(try write(folder, naming: "nowhere.seg"))?.message == "there is no such file")
    try folder.write("inner/folder/file", "")
    #expect(problem(try write(folder, naming: "folder"))?.message == "this is not a plain file")
    #expect(problem(try write(folder, naming: "/dev/zero"), outside: true)?.message == "this is not a plain file")
  }

  @Test func aFileThatIsTooLargeIsNotRead() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("inner/large.seg", "")
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.truncate(atOffset: UInt64(ScenarioLoader.segmentLimit) + 1)
    try handle.close()
    let error = try #require(problem(try write(folder, naming: "large.seg")))
    #expect(error.message == "the file has 268435457 bytes, more than 268435456")
  }

  @Test(arguments: ["bad_crc.seg", "bad_truncated.seg", "bad_empty.seg", "bad_block_byte.seg", "bad_zstd.seg"])
  func aDamagedSegmentIsRefusedWithWhatIsWrong(name: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("inner/\(name)", golden(name))
    let error = try #require(problem(try write(folder, naming: name)))
    #expect(error.message.hasPrefix("`\(name)` is not a segment that a log can hold: "))
    #expect(error.line == 4 && error.column == 11)
  }

  @Test func aSegmentThatLeavesNoRoomForAWatermarkIsRefused() throws {
    for name in ["offset_max_lz4.seg", "offset_max_none.seg"] {
      let bytes = try golden(name)
      #expect(throws: SegmentError.noOffsetAfterEnd) { try PreloadedFile(Preload(), bytes: bytes) }
    }
  }

  @Test func aSegmentWhoseOffsetsDoNotRiseIsRefused() throws {
    for name in ["offset_unordered_lz4.seg", "offset_unordered_none.seg"] {
      let bytes = try golden(name)
      do {
        _ = try PreloadedFile(Preload(), bytes: bytes)
        Issue.record("\(name) was taken")
      } catch {
        guard case .offsetsNotIncreasing = error else {
          Issue.record("\(name): \(error)")
          continue
        }
      }
    }
  }

  @Test func everyWrongFileOfAScenarioIsReported() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "s.yaml",
      "name: x\ntopics: {a: {partitions: 2}}\npreload: [{file: 1.seg, topic: a}, {file: 2.seg, topic: a, partition: 1}]"
    )
    do {
      _ = try ScenarioLoader().load(path)
    } catch {
      #expect(error.errors.map(\.column) == [18, 43])
    }
  }

  @Test func theScenarioItselfHasToBeAPlainFileOfLimitedSize() throws {
    let folder = try TemporaryFolder()
    #expect(
      problem(folder.path("nowhere.yaml"))?.headline.hasSuffix(
        "nowhere.yaml:1:1: there is no such file; check the path") == true)
    #expect(problem(folder.url.path)?.message == "this is not a plain file")
    let large = try folder.write("large.yaml", String(repeating: "#", count: ScenarioLoader.scenarioLimit + 1))
    #expect(
      problem(large)?.message
        == "the file has \(ScenarioLoader.scenarioLimit + 1) bytes, more than \(ScenarioLoader.scenarioLimit)")
  }
}
