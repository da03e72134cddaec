/// How a producer compresses its batches for the way to an agent.
public enum BatchCompression: String, Sendable, Hashable, CaseIterable {
  /// Batches travel as they are.
  case none
  /// LZ4, where it makes a batch smaller.
  case lz4
}

/// A batch as it travels: plain, or compressed where that makes it smaller.
///
/// ```swift
/// let encoded = EncodedBatch(batch, compression: .lz4)
/// let received = try encoded.decode(limit: 64 << 20)
/// ```
///
/// Compressed it is the length of the batch's bytes as four bytes, little-endian, and one LZ4 block: what a segment's
/// blocks are.
public struct EncodedBatch: Sendable, Hashable {
  private enum Content: Hashable {
    case plain(RecordBatch)
    case lz4([UInt8])
  }

  private let content: Content
  /// How many records the sender says that there are.
  public let count: Int
  /// The size by which batches are limited, as the sender says: key + value + headers + 16 for each record, in bytes.
  public let estimatedSize: Int

  /// A compressed batch has to save at least one byte in so many; else it is not worth taking apart.
  static let leastSaving = 16

  /// Takes a batch as it is.
  public init(_ batch: RecordBatch) {
    content = .plain(batch)
    count = batch.count
    estimatedSize = batch.estimatedSize
  }

  /// Compresses a batch if that saves at least a sixteenth of its bytes.
  public init(_ batch: RecordBatch, compression: BatchCompression) {
    self.init(content: Self.content(of: batch, compression), count: batch.count, estimatedSize: batch.estimatedSize)
  }

  /// Takes compressed bytes of any origin.
  public init(compressed bytes: [UInt8], count: Int, estimatedSize: Int) {
    self.init(content: .lz4(bytes), count: count, estimatedSize: estimatedSize)
  }

  private init(content: Content, count: Int, estimatedSize: Int) {
    self.content = content
    self.count = count
    self.estimatedSize = estimatedSize
  }

  private static func content(of batch: RecordBatch, _ compression: BatchCompression) -> Content {
    guard compression == .lz4 else { return .plain(batch) }
    var output: [UInt8] = []
    do throws(SegmentError) {
      try batch.bytes.span.bytes.withUnsafeBytes { buffer throws(SegmentError) in
        try BlockCodec.compress(buffer, into: &output)
      }
    } catch {
      // Larger than LZ4 takes.
      return .plain(batch)
    }
    return output.count <= batch.bytes.count - batch.bytes.count / leastSaving ? .lz4(output) : .plain(batch)
  }

  /// Whether it travels compressed.
  public var isCompressed: Bool {
    if case .lz4 = content { true } else { false }
  }

  /// The bytes that travel.
  public var bytes: [UInt8] {
    switch content {
    case .plain(let batch): batch.bytes
    case .lz4(let bytes): bytes
    }
  }

  /// Restores the batch.
  ///
  /// - Parameter limit: The most bytes that it may have; one that claims more is refused before anything is allocated.
  /// - Throws: `BatchError` when it is larger, or when its bytes are not exactly one well-formed batch.
  public func decode(limit: Int) throws(BatchError) -> RecordBatch {
    switch content {
    case .plain(let batch):
      guard batch.bytes.count <= limit else { throw .tooLarge(size: batch.bytes.count, limit: limit) }
      return batch
    case .lz4(let bytes):
      guard let claimed = bytes.withUnsafeBytes({ FixedWidth.littleEndian(UInt32.self, in: $0, at: 0) }) else {
        throw .tooShort(length: bytes.count, minimum: SegmentFormat.lz4PrefixSize)
      }
      guard claimed <= limit else { throw .tooLarge(size: Int(claimed), limit: limit) }
      return try RecordBatch(decoding: Self.decompress(bytes))
    }
  }

  private static func decompress(_ bytes: [UInt8]) throws(BatchError) -> [UInt8] {
    do throws(SegmentError) {
      return try bytes.span.bytes.withUnsafeBytes { buffer throws(SegmentError) in
        try BlockCodec.decompress(buffer)
      }
    } catch {
      throw .decompressionFailed(detail: error.description)
    }
  }
}
