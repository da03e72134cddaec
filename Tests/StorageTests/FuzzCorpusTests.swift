import Foundation
import Storage
import Testing

@Suite("The corpus of the fuzz targets")
struct FuzzCorpusTests {
  private func files(_ name: String) throws -> [[UInt8]] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fuzz/corpus/\(name)")
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.lastPathComponent < $1.lastPathComponent }.map { [UInt8](try Data(contentsOf: $0)) }
  }

  @Test("of segments gives records or typed errors, the same as a whole and by ranges")
  func segments() throws {
    let files = try files("segment")
    #expect(files.count > 10)
    for file in files {
      let whole = Result { try SegmentReader(file, verification: .structure).records() }
      let ranges = Result { try RangedSegmentReaderTests.read(file, tailSize: 40).records }
      for result in [whole, ranges] {
        if case .failure(let error) = result { #expect(error is SegmentError) }
      }
      if let records = try? whole.get() { #expect(try ranges.get() == records) }
    }
  }

  @Test("of logs accounts for every byte")
  func logs() throws {
    for file in try files("log") {
      let recovery = WriteAheadLog.recover(file)
      var again: [UInt8] = []
      for entry in recovery.entries { WriteAheadLog.encode(entry, into: &again, filePosition: 0) }
      let lost = recovery.damage.reduce(recovery.tornTail) { $0 + $1.length }
      #expect(again.count + lost == file.count)
      _ = OriginalLog.recover(file)
    }
  }

  @Test("of batches gives batches or typed errors")
  func batches() throws {
    for file in try files("batch") {
      do {
        let batch = try RecordBatch(decoding: file)
        #expect(batch.records().count == batch.count)
      } catch {
        // The compiler knows that the error is typed; it has to be told in words as well.
        #expect(!error.description.isEmpty)
      }
    }
  }
}
