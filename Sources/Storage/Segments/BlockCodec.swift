internal import CLZ4

/// LZ4 on the blocks of a segment.
enum BlockCodec {
  /// The largest block that LZ4 takes, in bytes.
  static let largestBlock = Int(LZ4_MAX_INPUT_SIZE)

  /// The most bytes that `payload` compressed bytes can stand for: a byte lengthens a match by at most 255.
  ///
  /// A claim above it is refused before anything is allocated for it.
  static func highestDecompressedSize(payload: Int) -> Int {
    let (product, overflow) = payload.multipliedReportingOverflow(by: 255)
    return overflow ? largestBlock : min(product, largestBlock)
  }

  /// Appends the size of `block` and the compressed block to `output`.
  ///
  /// - Throws: `SegmentError.blockTooLarge` above 2,113,929,216 bytes.
  static func compress(_ block: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(SegmentError) {
    guard block.count <= largestBlock, let source = block.baseAddress else {
      throw .blockTooLarge(size: block.count, highest: largestBlock)
    }
    output.appendLittleEndian(UInt32(block.count))
    let bound = LZ4_compressBound(Int32(block.count))
    makeRoom(in: &output, for: Int(bound))
    output.append(addingCapacity: Int(bound)) { (room: inout OutputSpan<UInt8>) in
      room.withUnsafeMutableBufferPointer { buffer, count in
        guard let target = buffer.baseAddress else { return }
        let written = LZ4_compress_default(
          source.assumingMemoryBound(to: CChar.self),
          UnsafeMutableRawPointer(target).assumingMemoryBound(to: CChar.self), Int32(block.count), bound)
        count += Int(max(0, written))
      }
    }
  }

  // Doubling keeps the copies of a growing segment linear in its size.
  private static func makeRoom(in output: inout [UInt8], for size: Int) {
    if output.capacity - output.count < size {
      output.reserveCapacity(max(output.capacity * 2, output.count + size))
    }
  }

  /// The most bytes that a block of `size` bytes takes in a file, its size in front of it included.
  static func highestStoredSize(of size: Int) -> Int {
    Int(LZ4_compressBound(Int32(clamping: min(size, largestBlock)))) + SegmentFormat.lz4PrefixSize
  }

  /// Decompresses `block`, which begins with its size, into memory of `buffer`.
  ///
  /// - Parameters:
  ///   - position: where the block lies in the file, for the error.
  ///   - expected: the uncompressed size by the index, where it knows.
  ///   - limit: the largest uncompressed size that memory is taken for.
  /// - Returns: the uncompressed block, valid until `buffer` is used again.
  static func decompress(
    _ block: UnsafeRawBufferPointer, position: Int, expected: Int?, limit: Int, buffer: SegmentReadBuffer
  ) throws(SegmentError) -> UnsafeRawBufferPointer {
    let size = try claimedSize(of: block, position: position)
    guard size <= limit else { throw .blockAboveLimit(position: position, size: size, limit: limit) }
    if let expected, expected != size {
      throw .decompressedSizeMismatch(position: position, claimed: expected, found: size)
    }
    let target = UnsafeMutableRawBufferPointer(start: buffer.reserve(size), count: size)
    try decompress(block, position: position, into: target)
    return UnsafeRawBufferPointer(target)
  }

  /// Decompresses `block`, which begins with its size, into memory of its own.
  static func decompress(_ block: UnsafeRawBufferPointer) throws(SegmentError) -> [UInt8] {
    let size = try claimedSize(of: block, position: 0)
    var failure: SegmentError?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { target, count in
      do throws(SegmentError) {
        try decompress(block, position: 0, into: UnsafeMutableRawBufferPointer(target))
        count = size
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The size that a block says it has uncompressed, if so few bytes can stand for so many.
  private static func claimedSize(of block: UnsafeRawBufferPointer, position: Int) throws(SegmentError) -> Int {
    guard let claimed = FixedWidth.littleEndian(UInt32.self, in: block, at: 0) else {
      throw .decompressionFailed(position: position, claimed: 0)
    }
    let payload = block.count - SegmentFormat.lz4PrefixSize
    let highest = highestDecompressedSize(payload: payload)
    guard payload <= Int(Int32.max), Int(claimed) <= highest else {
      throw .implausibleBlockSize(position: position, claimed: claimed, highest: highest)
    }
    return Int(claimed)
  }

  private static func decompress(
    _ block: UnsafeRawBufferPointer, position: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(SegmentError) {
    let size = target.count
    // A block of no bytes still has an end, and needs an address to be written to.
    guard let source = block.baseAddress, let room = target.baseAddress else {
      throw .decompressionFailed(position: position, claimed: size)
    }
    let decoded = LZ4_decompress_safe(
      (source + SegmentFormat.lz4PrefixSize).assumingMemoryBound(to: CChar.self),
      room.assumingMemoryBound(to: CChar.self), Int32(block.count - SegmentFormat.lz4PrefixSize), Int32(size))
    guard decoded >= 0 else { throw .decompressionFailed(position: position, claimed: size) }
    guard Int(decoded) == size else {
      throw .decompressedSizeMismatch(position: position, claimed: size, found: Int(decoded))
    }
  }
}
