import Foundation
import Storage

/// Records as JSON Lines: `{"offset":7,"timestamp":1700000000000,"key":"a2V5","value":"dmFsdWU="}`, key and value in
/// base64, a null key for none.
///
/// What only version 2 of the format has room for follows where a record has it: `"headers":[{"name":"dA==","value":""}]`,
/// both in base64, and `"producer":{"id":7,"epoch":1,"sequence":12}`.
public enum RecordLines {
  /// A record in a reader's memory as a line.
  ///
  /// - Throws: `DecodingFault` when its headers are damaged; those that a segment's reader hands out are not.
  public static func line(_ record: RecordView) throws(DecodingFault) -> String {
    line(try record.copied())
  }

  /// A record as a line.
  public static func line(_ record: Record) -> String {
    let key = record.key.map { "\"\(base64($0))\"" } ?? "null"
    var line =
      "{\"offset\":\(record.offset),\"timestamp\":\(record.timestamp),\"key\":\(key),\"value\":\"\(base64(record.value))\""
    if !record.headers.isEmpty {
      let headers = record.headers.map { "{\"name\":\"\(base64($0.name))\",\"value\":\"\(base64($0.value))\"}" }
      line += ",\"headers\":[\(headers.joined(separator: ","))]"
    }
    if let producer = record.producer {
      line +=
        ",\"producer\":{\"id\":\(producer.id),\"epoch\":\(producer.epoch),\"sequence\":\(producer.sequence)}"
    }
    return line + "}"
  }

  private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  /// What a line holds.
  private struct Line: Decodable {
    struct Header: Decodable {
      var name: String
      var value: String
    }
    struct Producer: Decodable {
      var id: UInt64
      var epoch: UInt32
      var sequence: UInt64
    }
    var offset: UInt64
    var timestamp: UInt64
    var key: String?
    var value: String
    var headers: [Header]?
    var producer: Producer?
  }

  /// Why a line is not a record.
  public struct Problem: Error, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// What is wrong, and what would be right.
    public let message: String
    /// `line: message`.
    public var description: String { "\(line):1: \(message)" }
  }

  /// Reads records from JSON Lines; empty lines are passed over.
  ///
  /// - Throws: ``Problem`` with the first line that is not a record.
  public static func records(_ text: String) throws(Problem) -> [Record] {
    var records: [Record] = []
    let decoder = JSONDecoder()
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy(\.isWhitespace) { continue }
      guard let decoded = try? decoder.decode(Line.self, from: Data(line.utf8)) else {
        throw Problem(
          line: index + 1,
          message:
            "this is not a record; write {\"offset\":0,\"timestamp\":0,\"key\":null,\"value\":\"\"} with key and value in base64"
        )
      }
      func bytes(_ text: String, _ name: String) throws(Problem) -> [UInt8] {
        guard let data = Data(base64Encoded: text) else {
          throw Problem(line: index + 1, message: "the \(name) is not base64")
        }
        return [UInt8](data)
      }
      var record = Record(offset: decoded.offset, timestamp: decoded.timestamp, key: nil, value: [])
      record.value = try bytes(decoded.value, "value")
      if let key = decoded.key { record.key = try bytes(key, "key") }
      for header in decoded.headers ?? [] {
        record.headers.append(
          RecordHeader(
            name: try bytes(header.name, "name of a header"), value: try bytes(header.value, "value of a header")))
      }
      record.producer = decoded.producer.map { ProducerStamp(id: $0.id, epoch: $0.epoch, sequence: $0.sequence) }
      records.append(record)
    }
    return records
  }
}
