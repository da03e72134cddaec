/// The format of a cached object on disk: little-endian, with its own key and checksum.
///
/// | bytes | field |
/// |-------|-------|
/// | 4 | mark `SHC2` |
/// | 4 4 8 | lengths of object key, version and content |
/// | 8 | XXH3-64 of all that follows |
/// | 8 8 | first byte of the object and the one after the last; for the whole object 2^64 − 1 and 0 |
/// | … | object key, version, content |
enum CacheFile {
  /// The bytes `SHC2` read as a little-endian integer.
  private static let magic: UInt32 = 0x3243_4853
  private static let hashPlace = 20
  /// Where that begins which the hash covers.
  private static let hashedStart = 28
  private static let prefixSize = 44

  /// How many bytes a file takes.
  static func size(_ key: CacheKey, contentSize: Int) -> Int {
    prefixSize + key.object.count + key.version.count + contentSize
  }

  /// The name of a key's file: 32 hexadecimal digits. Should two keys ever share it, they push each other out.
  static func name(_ key: CacheKey) -> String {
    key.identity.sixteenDigits + key.hash(seed: ~Hashing.xxh3(key.object)).sixteenDigits
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
    file.appendLittleEndian(key.encodedRange.start)
    file.appendLittleEndian(key.encodedRange.end)
    file.append(contentsOf: key.object)
    file.append(contentsOf: key.version)
    file.append(contentsOf: content)
    let hash = file.withUnsafeBytes { Hashing.xxh3(UnsafeRawBufferPointer(rebasing: $0[hashedStart...])) }
    file.replaceLittleEndian(hash, at: hashPlace)
    return file
  }

  /// What follows the key, compared with nothing; nil when not even that is there.
  static func content(of file: [UInt8], for key: CacheKey) -> [UInt8]? {
    let start = size(key, contentSize: 0)
    return file.count >= start ? [UInt8](file[start...]) : nil
  }

  /// The content, when the file is whole and is this key's.
  static func decode(_ file: [UInt8], for key: CacheKey) -> [UInt8]? {
    file.withUnsafeBytes { bytes in
      guard FixedWidth.littleEndian(UInt32.self, in: bytes, at: 0) == magic,
        FixedWidth.littleEndian(UInt32.self, in: bytes, at: 4) == UInt32(exactly: key.object.count),
        FixedWidth.littleEndian(UInt32.self, in: bytes, at: 8) == UInt32(exactly: key.version.count),
        let contentSize = FixedWidth.littleEndian(UInt64.self, in: bytes, at: 12),
        let hash = FixedWidth.littleEndian(UInt64.self, in: bytes, at: hashPlace),
        FixedWidth.littleEndian(UInt64.self, in: bytes, at: hashedStart) == key.encodedRange.start,
        FixedWidth.littleEndian(UInt64.self, in: bytes, at: hashedStart + 8) == key.encodedRange.end,
        UInt64(exactly: bytes.count - size(key, contentSize: 0)) == contentSize,
        Hashing.xxh3(UnsafeRawBufferPointer(rebasing: bytes[hashedStart...])) == hash
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
