/// The format of a cached object on disk: little-endian, with its own key and checksum.
///
/// | bytes | field |
/// |-------|-------|
/// | 4 | mark `SHC1` |
/// | 4 4 8 | lengths of object key, version and content |
/// | 8 | XXH3-64 of all that follows |
/// | … | object key, version, content |
enum CacheFile {
  /// The bytes `SHC1` read as a little-endian integer.
  private static let magic: UInt32 = 0x3143_4853
  private static let prefixSize = 28

  /// How many bytes a file takes.
  static func size(_ key: CacheKey, contentSize: Int) -> Int {
    prefixSize + key.object.count + key.version.count + contentSize
  }

  /// The name of a key's file: 32 hexadecimal digits. Should two keys ever share it, they push each other out.
  static func name(_ key: CacheKey) -> String {
    let parts = [key.identity, Hashing.xxh3(key.version, seed: ~Hashing.xxh3(key.object))]
    return parts.map { part in
      let digits = String(part, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// True for names that this cache gives to whole files.
  static func isName(_ name: String) -> Bool {
    let digits = Array(name.utf8)
    return digits.count == 32
      && digits.allSatisfy {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
      }
  }

  static func encode(_ key: CacheKey, _ content: [UInt8]) -> [UInt8] {
    var file: [UInt8] = []
    file.reserveCapacity(size(key, contentSize: content.count))
    file.appendLittleEndian(magic)
    file.appendLittleEndian(UInt32(truncatingIfNeeded: key.object.count))
    file.appendLittleEndian(UInt32(truncatingIfNeeded: key.version.count))
    file.appendLittleEndian(UInt64(content.count))
    file.appendLittleEndian(UInt64(0))
    file.append(contentsOf: key.object)
    file.append(contentsOf: key.version)
    file.append(contentsOf: content)
    let hash = file.withUnsafeBytes { Hashing.xxh3(UnsafeRawBufferPointer(rebasing: $0[prefixSize...])) }
    file.replaceLittleEndian(hash, at: prefixSize - 8)
    return file
  }

  /// The content, when the file is whole and is this key's.
  static func decode(_ file: [UInt8], for key: CacheKey) -> [UInt8]? {
    file.withUnsafeBytes { bytes in
      guard FixedWidth.littleEndian(UInt32.self, in: bytes, at: 0) == magic,
        FixedWidth.littleEndian(UInt32.self, in: bytes, at: 4) == UInt32(exactly: key.object.count),
        FixedWidth.littleEndian(UInt32.self, in: bytes, at: 8) == UInt32(exactly: key.version.count),
        let contentSize = FixedWidth.littleEndian(UInt64.self, in: bytes, at: 12),
        let hash = FixedWidth.littleEndian(UInt64.self, in: bytes, at: 20),
        UInt64(exactly: bytes.count - size(key, contentSize: 0)) == contentSize,
        Hashing.xxh3(UnsafeRawBufferPointer(rebasing: bytes[prefixSize...])) == hash
      else { return nil }
      let versionStart = prefixSize + key.object.count
      let contentStart = versionStart + key.version.count
      guard bytes[prefixSize..<versionStart].elementsEqual(key.object),
        bytes[versionStart..<contentStart].elementsEqual(key.version)
      else { return nil }
      return [UInt8](bytes[contentStart...])
    }
  }
}
