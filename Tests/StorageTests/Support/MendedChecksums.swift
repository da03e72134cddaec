import Storage

/// Makes the checksums of a changed segment right again, so that the change gets behind them.
enum MendedChecksums {
  /// The same file with the checksum of its version in the footer, and in version 2 those of its blocks too.
  ///
  /// Positions that make no sense are left alone: what they should cover cannot be said.
  static func of(_ file: [UInt8]) -> [UInt8] {
    var mended = file
    let footer = file.count - 32
    guard footer >= 64 else { return file }
    if mended[5] == 2 {
      guard let index = place(number(mended, at: footer, bytes: 8), from: 64, to: footer) else { return file }
      mendBlocks(index: index, footer: footer, in: &mended)
      let front = Checksum.crc32(Array(mended[..<64]))
      put(Checksum.crc32(Array(mended[index..<(footer + 8)]), seed: front), at: footer + 8, in: &mended)
    } else {
      put(Checksum.crc32(Array(mended[..<footer])), at: footer + 8, in: &mended)
    }
    return mended
  }

  private static func mendBlocks(index: Int, footer: Int, in file: inout [UInt8]) {
    let entries = stride(from: index + 4, through: footer - 48, by: 48).map { $0 }
    for (number, entry) in entries.enumerated() {
      let next = number + 1 < entries.count ? self.number(file, at: entries[number + 1] + 8, bytes: 8) : UInt64(index)
      guard let start = place(self.number(file, at: entry + 8, bytes: 8), from: 64, to: index),
        let end = place(next, from: start, to: index)
      else { continue }
      put(Checksum.crc32(Array(file[start..<end])), at: entry + 40, in: &file)
    }
  }

  private static func place(_ value: UInt64, from lowest: Int, to highest: Int) -> Int? {
    Int(exactly: value).flatMap { (lowest...highest).contains($0) ? $0 : nil }
  }

  static func number(_ bytes: [UInt8], at position: Int, bytes count: Int) -> UInt64 {
    bytes[position..<(position + count)].reduce(0) { $0 << 8 | UInt64($1) }
  }

  static func put<Integer: FixedWidthInteger>(_ value: Integer, at position: Int, in bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { bytes.replaceSubrange(position..<(position + $0.count), with: $0) }
  }
}
