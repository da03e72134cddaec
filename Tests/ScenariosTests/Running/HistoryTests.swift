import Foundation
import Testing

@testable import Scenarios

/// What `--history` tells others, so that they can check a run for themselves.
@Suite struct HistoryTests {
  private struct Line: Decodable {
    let event: UInt64
    let seconds: Double
    let host: String
    let type: String
    let topic: Int
    let partition: Int
    let records: [String]
    let offset: UInt64?
    let final: Bool?
    let attempts: Int?
    let offsets: [UInt64]?
    let group: String?
  }

  private func told(_ text: String, seed: UInt64, preloaded: [PreloadedFile] = []) throws -> (RunResult, [Line]) {
    var texts: [String] = []
    let result = try scenario(text).run(seed: seed, preloaded: preloaded) { $0.history = { texts.append($0) } }
    let decoder = JSONDecoder()
    return (result, try texts.map { try decoder.decode(Line.self, from: Data($0.utf8)) })
  }

  @Test func everyRecordIsSentOnceAndComesToOneEnd() throws {
    // No client crashes here, so that every batch's end is told.
    let (result, lines) = try told(chaos, seed: 3)
    #expect(result.verdict == .pass)
    var open: [String: Int] = [:]
    var ended: Set<String> = []
    for line in lines where line.type != "poll" {
      for record in line.records {
        if line.type == "send" {
          #expect(open.updateValue(line.partition, forKey: record) == nil, "\(record) is sent once")
        } else {
          #expect(["ack", "fail", "unknown"].contains(line.type))
          #expect(open[record] == line.partition, "\(record) ends where it was sent")
          #expect(ended.insert(record).inserted, "\(record) comes to one end")
        }
      }
    }
    #expect(open.count == result.records.sent)
    #expect(ended == Set(open.keys))
    #expect(lines.filter { $0.type == "ack" }.reduce(0) { $0 + $1.records.count } == result.records.acknowledged)
  }

  @Test func seeksAreToldSoThatPollsMakeSense() throws {
    let (_, lines) = try told(smallCluster(seconds: 4, "    seeks: {every: 300ms, records: 1..20}"), seed: 3)
    #expect(lines.contains { $0.type == "move" })
    var next: [Int: UInt64] = [:]
    for line in lines where ["move", "poll"].contains(line.type) {
      if line.type == "move" {
        next[line.partition] = line.offset
        #expect(line.group == "readers" && line.host == "consumer-1" && line.records == [])
      }
      for offset in line.offsets ?? [] {
        #expect(offset == next[line.partition] ?? 0)
        next[line.partition] = offset + 1
      }
    }
  }

  @Test func pollsTellOffsetsInOrderWithTheirRecords() throws {
    let (result, lines) = try told(chaos, seed: 3)
    var next: [Int: UInt64] = [:]
    var delivered = 0
    for line in lines where line.type == "poll" {
      let offsets = try #require(line.offsets)
      #expect(offsets.count == line.records.count)
      #expect(line.group == "readers" && line.host == "consumer-1")
      for offset in offsets {
        #expect(offset == next[line.partition, default: 0], "nothing is skipped, nothing comes twice")
        next[line.partition] = offset + 1
      }
      delivered += offsets.count
    }
    #expect(delivered == result.records.delivered)
  }

  @Test func finalOffsetsAreWhereConsumersFindTheRecords() throws {
    let (_, lines) = try told(chaos, seed: 3)
    var places: [String: UInt64] = [:]
    for line in lines where line.type == "poll" {
      for (record, offset) in zip(line.records, line.offsets ?? []) { places["\(line.partition) \(record)"] = offset }
    }
    var finals = 0
    for line in lines where line.type == "ack" {
      #expect((line.attempts ?? 0) >= 1)
      let isDurable = line.host == "producer-3"
      #expect(line.final == isDurable)
      guard isDurable, let first = line.offset else { continue }
      for (position, record) in line.records.enumerated() {
        #expect(places["\(line.partition) \(record)"] == first + UInt64(position))
        finals += 1
      }
    }
    #expect(finals > 50)
  }

  @Test func linesComeInOrderOfEventsAndTime() throws {
    let (result, lines) = try told(chaos, seed: 3)
    for (before, after) in zip(lines, lines.dropFirst()) {
      #expect(before.event < after.event && before.seconds <= after.seconds)
    }
    #expect(lines.allSatisfy { $0.topic == 1 && $0.event <= result.events && $0.seconds <= result.virtualSeconds })
  }

  @Test func recordsFromBeforeTheClusterAreNamedByTheirHash() throws {
    let loaded = try Repository.load("original-segments", "duration=2s", "faults=[]", "expect.faults={}")
    var texts: [String] = []
    var options = RunOptions()
    options.seed = 1
    options.history = { texts.append($0) }
    let result = try Runner.run(loaded, options)
    #expect(result.verdict == .pass)
    let decoder = JSONDecoder()
    let lines = try texts.map { try decoder.decode(Line.self, from: Data($0.utf8)) }
    let hashes = lines.filter { $0.type == "poll" }.flatMap(\.records).filter { !$0.contains("#") }
    #expect(hashes.count == loaded.preloaded.reduce(0) { $0 + $1.contents.count })
    #expect(hashes.allSatisfy { $0.count == 16 && UInt64($0, radix: 16) != nil })
  }

  @Test func aCrashedProducersRecordsMayHaveNoEnd() throws {
    let text = smallCluster(seconds: 5, "faults: [{at: 2s, for: 1s, kind: crash, host: producer-1}]")
    let (result, lines) = try told(text, seed: 1)
    #expect(result.verdict == .pass)
    let sent = Set(lines.filter { $0.type == "send" }.flatMap(\.records))
    let ended = Set(lines.filter { $0.type != "send" && $0.type != "poll" }.flatMap(\.records))
    #expect(ended.isSubset(of: sent))
    // A producer that comes back is another one.
    let names = Set(lines.filter { $0.host == "producer-1" }.flatMap(\.records).map { $0.split(separator: "#")[0] })
    #expect(names.count == 2)
  }
}
