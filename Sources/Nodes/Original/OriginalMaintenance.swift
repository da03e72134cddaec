import Simulation
import Storage

/// How the original StreamHouse finds orphans: it asks once which objects have rows, and takes no answer for "none".
enum OriginalReconciler {
  /// - Throws: ``HostCrashed``.
  static func orphans(among keys: [ObjectKey], of maintainer: Maintainer) async throws -> [ObjectKey] {
    do {
      return try await maintainer.host.call(
        JudgeObjects(keys: keys), to: maintainer.addresses.metadata,
        deadline: maintainer.configuration.metadataTimeout
      ).orphans
    } catch is MetadataError {
    } catch is NetworkError {
    }
    return keys
  }
}

/// How the original StreamHouse compacts: it stops reading after so many records, and replaces everything that it had picked all the same; and the new row begins and ends with the records that are left.
enum OriginalCompaction {
  /// A million there; fewer here, since a run is shorter than a day.
  static let mostRecords: UInt64 = 200

  /// The offset behind the rows that are read.
  static func readEnd(of rows: [SegmentRow]) -> UInt64 {
    var count: UInt64 = 0
    for row in rows {
      if count >= mostRecords { return row.base }
      count += row.recordCount
    }
    return .max
  }

  /// Lets a row begin at its first record and end with its last.
  static func cut(_ row: inout SegmentRow, to records: [Record]) {
    guard let first = records.first, let last = records.last else { return }
    row.base = first.offset
    row.end = last.offset + 1
  }
}
