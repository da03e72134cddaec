internal import CMessageDigest

/// Message digests that object stores speak: the ETag of an object put in one piece is its MD5.
public enum MessageDigest {
  /// The length of an MD5 digest in bytes.
  public static let md5Length = 16

  /// The MD5 digest of `bytes` (RFC 1321), 16 bytes.
  ///
  /// - Complexity: O(*n*), about 0.5 GB/s.
  public static func md5(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var context = MD5_CTX()
    MD5Init(&context)
    if let base = bytes.baseAddress {
      MD5Update(&context, base.assumingMemoryBound(to: UInt8.self), bytes.count)
    }
    var digest = [UInt8](repeating: 0, count: md5Length)
    digest.withUnsafeMutableBufferPointer { MD5Final($0.baseAddress, &context) }
    return digest
  }

  /// The MD5 digest of an array, 16 bytes.
  public static func md5(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { md5($0) }
  }

  /// The MD5 digest of a span, 16 bytes.
  public static func md5(_ bytes: RawSpan) -> [UInt8] {
    bytes.withUnsafeBytes { md5($0) }
  }
}
