import Foundation
import Storage

/// A segment file of which only the ranges that a read asks for come into memory.
public final class SegmentFile: SegmentSource {
  private let handle: FileHandle
  /// How many bytes the file has.
  public let length: Int

  /// Why a file cannot be read.
  public enum Problem: Error, Sendable, CustomStringConvertible {
    /// It is not there, or belongs to somebody else.
    case cannotBeOpened
    /// It is a folder.
    case isFolder
    /// The file system refuses a part of it.
    case cannotBeRead(at: Int, reason: String)
    /// It became shorter while it was being read.
    case ended(at: Int)

    /// What is wrong, and what would be right.
    public var description: String {
      switch self {
      case .cannotBeOpened: "there is no such file, or it cannot be read; name a segment file"
      case .isFolder: "this is a folder; name a segment file in it"
      case .cannotBeRead(let position, let reason): "byte \(position) cannot be read: \(reason)"
      case .ended(let position): "the file ended at byte \(position) while it was being read; leave it alone meanwhile"
      }
    }
  }

  /// Opens a file.
  ///
  /// - Throws: ``Problem/cannotBeOpened`` or ``Problem/isFolder``.
  public init(_ path: String) throws {
    // A folder opens as if it were a file, and fails only when it is read.
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw Problem.isFolder
    }
    guard let handle = FileHandle(forReadingAtPath: path), let end = try? handle.seekToEnd(),
      let length = Int(exactly: end)
    else { throw Problem.cannotBeOpened }
    self.handle = handle
    self.length = length
  }

  /// Reads a range.
  ///
  /// - Throws: ``Problem/ended(at:)`` when the file is shorter than it was, ``Problem/cannotBeRead(at:reason:)`` when
  ///   the file system refuses.
  public func read(_ range: Range<Int>) throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    while bytes.count < range.count {
      let more: Data?
      do {
        try handle.seek(toOffset: UInt64(range.lowerBound + bytes.count))
        more = try handle.read(upToCount: range.count - bytes.count)
      } catch {
        throw Problem.cannotBeRead(at: range.lowerBound + bytes.count, reason: error.localizedDescription)
      }
      guard let more, !more.isEmpty else {
        throw Problem.ended(at: range.lowerBound + bytes.count)
      }
      bytes.append(contentsOf: more)
    }
    return bytes
  }
}
