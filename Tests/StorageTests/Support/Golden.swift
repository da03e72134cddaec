import CMessageDigest
import Foundation
import Storage

/// Files made with the original system, and what its own reader makes of them.
enum Golden {
  static func bytes(_ name: String) throws -> [UInt8] {
    guard let url = Bundle.module.url(forResource: "Fixtures/golden/" + name, withExtension: nil) else {
      throw MissingFixture(name: name)
    }
    return [UInt8](try Data(contentsOf: url))
  }

  static func lines<Line: Decodable>(_ name: String, as type: Line.Type) throws -> [Line] {
    try bytes(name).split(separator: UInt8(ascii: "\n")).map {
      try decoder.decode(type, from: Data($0))
    }
  }

  static func object<Object: Decodable>(_ name: String, as type: Object.Type) throws -> Object {
    try decoder.decode(type, from: Data(try bytes(name)))
  }

  /// The names of all segments that the original reads without complaint, without their endings.
  static let segments = [
    "single_none", "single_lz4", "single_nokey_emptyvalue_none", "single_nokey_emptyvalue_lz4", "empty_keys_none",
    "empty_keys_lz4", "ten_none", "ten_lz4", "mixed_keys_none", "mixed_keys_lz4", "seed_key1_none", "seed_key1_lz4",
    "timestamps_none", "offset_gaps_lz4", "offset_max_none", "offset_max_lz4", "offset_unordered_none",
    "offset_unordered_lz4", "block_exact_lz4", "block_one_under_lz4", "blocks_compressible_lz4",
  ]

  private static let decoder: JSONDecoder = {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }()

  struct MissingFixture: Error {
    let name: String
  }
}

/// A record as the original's reader returned it.
struct GoldenRecord: Decodable {
  let offset: UInt64
  let timestamp: UInt64
  let key: Data?
  let value: Data?
  let valueLen: Int?
  let valueSha256: String?

  func matches(_ record: Record) -> Bool {
    guard record.offset == offset, record.timestamp == timestamp, record.key == key.map({ [UInt8]($0) }) else {
      return false
    }
    if let value { return record.value == [UInt8](value) }
    return record.value.count == valueLen && sha256(record.value) == valueSha256
  }
}

func sha256(_ bytes: [UInt8]) -> String {
  var context = SHA2_CTX()
  SHA256Init(&context)
  SHA256Update(&context, bytes, bytes.count)
  var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
  SHA256Final(&digest, &context)
  return digest.map { String(format: "%02x", $0) }.joined()
}
