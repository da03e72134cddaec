import Foundation
import Storage

/// Records as JSON Lines: `{"offset":7,"timestamp":1700000000000,"key":"a2V5","value":"dmFsdWU="}`, key and value in
/// base64, a null key for none.
///
/// What only version 2 of the format has room for follows where a record has it: `"headers":[{"name":"dA==","value":""}]`,
/// both in base64, and `"producer":{"id":7,"epoch":1,"sequence":12}`. Other fields are refused: a misspelt one would be
/// lost without a word.
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
  private struct Line: Decodable, KnownFields {
    struct Header: Decodable, KnownFields {
      static let fields = ["name", "value"]
      var name: String
      var value: String
    }
    struct Producer: Decodable, KnownFields {
      static let fields = ["id", "epoch", "sequence"]
      var id: UInt64
      var epoch: UInt32
      var sequence: UInt64
    }
    static let fields = ["offset", "timestamp", "key", "value", "headers", "producer"]
    var offset: UInt64
    var timestamp: UInt64
    var key: String?
    var value: String
    var headers: [OnlyKnown<Header>]?
    var producer: OnlyKnown<Producer>?
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

  /// Reads records from JSON Lines, which end with a line feed, alone or behind a carriage return; empty lines are
  /// passed over.
  ///
  /// - Throws: ``Problem`` with the first line that is not a record.
  public static func records(_ text: String) throws(Problem) -> [Record] {
    var records: [Record] = []
    let decoder = JSONDecoder()
    // Of the bytes: as characters, a carriage return and a line feed are one that is no line feed.
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }) {
        continue
      }
      let decoded: Line
      do {
        decoded = try decoder.decode(OnlyKnown<Line>.self, from: Data(line)).content
      } catch let unknown as UnknownField {
        throw Problem(line: index + 1, message: unknown.description)
      } catch {
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
      for header in (decoded.headers ?? []).map(\.content) {
        record.headers.append(
          RecordHeader(
            name: try bytes(header.name, "name of a header"), value: try bytes(header.value, "value of a header")))
      }
      record.producer = (decoded.producer?.content).map {
        ProducerStamp(id: $0.id, epoch: $0.epoch, sequence: $0.sequence)
      }
      records.append(record)
    }
    return records
  }
}

/// An object of JSON whose fields are all known.
private protocol KnownFields {
  static var fields: [String] { get }
}

/// Decodes an object and refuses fields that it would pass over.
private struct OnlyKnown<Content: Decodable & KnownFields>: Decodable {
  let content: Content

  private struct AnyField: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let found = try decoder.container(keyedBy: AnyField.self).allKeys.map(\.stringValue)
    // Sorted, so that the message is the same in each run.
    if let unknown = found.filter({ !Content.fields.contains($0) }).min() {
      throw UnknownField(name: unknown, known: Content.fields)
    }
    content = try Content(from: decoder)
  }
}

private struct UnknownField: Error, CustomStringConvertible {
  let name: String
  let known: [String]
  var description: String {
    "the field \"\(name)\" is not known here; \(known.dropLast().joined(separator: ", ")) and \(known.last ?? "") are"
  }
}
