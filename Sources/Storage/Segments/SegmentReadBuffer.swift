/// Memory for one uncompressed block, used again for the next one and never cleared.
///
/// Readers make one for each read when they are given none. Who reads many segments keeps one: fresh memory for a
/// block of a megabyte costs as much as decompressing it. Not to be used by two reads at once, so not `Sendable`.
public final class SegmentReadBuffer {
  @usableFromInline private(set) var memory: UnsafeMutableRawPointer
  /// How many bytes it holds: as many as the largest block so far had.
  public private(set) var capacity: Int

  /// Makes a buffer that holds nothing yet and grows with the blocks that are read.
  public init() {
    capacity = 0
    memory = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 16)
  }

  deinit {
    memory.deallocate()
  }

  func reserve(_ size: Int) -> UnsafeMutableRawPointer {
    if size > capacity {
      memory.deallocate()
      memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
      capacity = size
    }
    return memory
  }
}
