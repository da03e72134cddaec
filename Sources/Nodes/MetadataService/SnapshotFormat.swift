import Storage

/// A snapshot's bytes: magic, version, the generation of the journal that goes on from here, then each part as u8 tag, u64 length and content, and at the end the CRC-32 of all before it; integers little-endian.
enum SnapshotFormat {
  /// "SHMS", read as a little-endian number.
  private static let magic: UInt32 = 0x534D_4853
  private static let version: UInt32 = 1

  static func encode(_ state: MetadataState, generation: UInt64) -> [UInt8] {
    var writer = JournalWriter()
    writer.integer(magic)
    writer.integer(version)
    writer.integer(generation)
    for part in MetadataState.parts {
      var content = JournalWriter()
      part.encode(state, &content)
      writer.integer(part.tag)
      writer.integer(UInt64(content.bytes.count))
      writer.append(content.bytes)
    }
    let checksum = writer.bytes.withUnsafeBytes { Checksum.crc32($0) }
    writer.integer(checksum)
    return writer.bytes
  }

  /// Reads a snapshot; nil unless it is whole and has each part once.
  static func decode(_ bytes: [UInt8]) -> (state: MetadataState, generation: UInt64)? {
    let length = bytes.count - MemoryLayout<UInt32>.size
    guard length > 0 else { return nil }
    var trailer = JournalReader(bytes: bytes, position: length)
    guard trailer.integer(UInt32.self) == bytes.withUnsafeBytes({ Checksum.crc32(.init(rebasing: $0[..<length])) })
    else { return nil }
    var reader = JournalReader(bytes: bytes, position: 0)
    guard reader.integer(UInt32.self) == magic, reader.integer(UInt32.self) == version,
      let generation = reader.integer(UInt64.self)
    else { return nil }
    var state = MetadataState()
    for part in MetadataState.parts {
      guard reader.integer(UInt8.self) == part.tag, let size = reader.integer(UInt64.self),
        size <= UInt64(length - reader.position)
      else { return nil }
      let end = reader.position + Int(size)
      guard part.decode(&state, &reader), reader.position == end else { return nil }
    }
    return reader.position == length ? (state, generation) : nil
  }
}
