internal import CLZ4
internal import CZlib
import Storage

/// What LZ4 and CRC-32 alone cost on the blocks of a segment: the floor under storage's own figures.
struct CodecBenchmark {
  private let file: [UInt8]
  private let blockRanges: [Range<Int>]
  /// The uncompressed blocks; empty when the segment is not compressed.
  private let blocks: [[UInt8]]
  private var scratch: [UInt8]

  init(file: [UInt8]) throws {
    let reader = try SegmentReader(file)
    self.file = file
    let starts = reader.index.map(\.position)
    let ends = starts.dropFirst() + [reader.blocksEnd]
    blockRanges = zip(starts, ends).map { $0..<$1 }
    guard reader.header.compression == .lz4 else {
      blocks = []
      scratch = []
      return
    }
    blocks = blockRanges.map { range in
      let size =
        Int(file[range.lowerBound]) | Int(file[range.lowerBound + 1]) << 8
        | Int(file[range.lowerBound + 2]) << 16 | Int(file[range.lowerBound + 3]) << 24
      var block = [UInt8](repeating: 0, count: size)
      Self.decompress(file, range, into: &block)
      return block
    }
    let largest = blocks.map(\.count).max() ?? 0
    scratch = [UInt8](repeating: 0, count: Int(LZ4_compressBound(Int32(largest))))
  }

  private static func decompress(_ file: [UInt8], _ range: Range<Int>, into block: inout [UInt8]) {
    file.withUnsafeBytes { source in
      block.withUnsafeMutableBytes { target in
        guard let from = source.baseAddress, let into = target.baseAddress else { return }
        _ = LZ4_decompress_safe(
          (from + range.lowerBound + 4).assumingMemoryBound(to: CChar.self),
          into.assumingMemoryBound(to: CChar.self), Int32(range.count - 4), Int32(target.count))
      }
    }
  }

  /// Compresses every block and computes the checksum of what comes out.
  mutating func write() -> UInt32 {
    var checksum: UInt = 0
    guard !blocks.isEmpty else { return wholeFileChecksum() }
    for block in blocks {
      scratch.withUnsafeMutableBytes { target in
        block.withUnsafeBytes { source in
          guard let from = source.baseAddress, let into = target.baseAddress else { return }
          let written = LZ4_compress_default(
            from.assumingMemoryBound(to: CChar.self), into.assumingMemoryBound(to: CChar.self), Int32(source.count),
            Int32(target.count))
          checksum = crc32_z(checksum, into.assumingMemoryBound(to: UInt8.self), Int(written))
        }
      }
    }
    return UInt32(truncatingIfNeeded: checksum)
  }

  /// Computes the checksum of the file and decompresses every block.
  mutating func read() -> UInt32 {
    let checksum = wholeFileChecksum()
    if !blocks.isEmpty {
      for range in blockRanges { Self.decompress(file, range, into: &scratch) }
    }
    return checksum &+ UInt32(scratch.first ?? 0)
  }

  private func wholeFileChecksum() -> UInt32 {
    file.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return 0 }
      return UInt32(truncatingIfNeeded: crc32_z(0, base.assumingMemoryBound(to: UInt8.self), bytes.count))
    }
  }
}
