import Foundation
import Storage

/// Records as JSON Lines: `{"offset":7,"timestamp":1700000000000,"key":"a2V5","value":"dmFsdWU="}`, key and value in base64, a null key for none.
public enum RecordLines {
  /// A record as a line.
  public static func line(_ record: RecordView) -> String {
    let key = record.key.map { "\"\(base64($0))\"" } ?? "null"
    return
      "{\"offset\":\(record.offset),\"timestamp\":\(record.timestamp),\"key\":\(key),\"value\":\"\(base64(record.value))\"}"
  }

  private static func base64(_ bytes: UnsafeRawBufferPointer) -> String { Data(bytes).base64EncodedString() }

  /// What a line holds.
  private struct Line: Decodable {
    var offset: UInt64
    var timestamp: UInt64
    var key: String?
    var value: String
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
      guard let value = Data(base64Encoded: decoded.value) else {
        throw Problem(line: index + 1, message: "the value is not base64")
      }
      var key: [UInt8]?
      if let text = decoded.key {
        guard let bytes = Data(base64Encoded: text) else {
          throw Problem(line: index + 1, message: "the key is not base64")
        }
        key = [UInt8](bytes)
      }
      records.append(Record(offset: decoded.offset, timestamp: decoded.timestamp, key: key, value: [UInt8](value)))
    }
    return records
  }
}
