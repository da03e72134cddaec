import Nodes

/// At which offsets each record was seen: polled, read at the end, or lawfully removed.
struct SeenPlaces {
  /// The first and the last offset of a record, and at how many it was seen.
  struct Place {
    var first: UInt64
    var last: UInt64
    var count: Int
  }

  /// By producer and number the first offset; `.max` where a record was not seen.
  private var firsts: [[UInt64]]
  /// Of records that were seen at several offsets.
  private var repeated: [WorkloadRecord: Place] = [:]

  /// Gathers what was seen.
  init(_ history: History, _ contents: ContentCheck) {
    firsts = history.producers.map { Array(repeating: .max, count: $0.records.count) }
    contents.forEachSeen { partition, offset, content in
      guard content >> 63 == 0 else { return }
      let record = WorkloadRecord(identity: content)
      guard history.batch(of: record)?.partition == partition else { return }
      add(record, offset)
    }
  }

  private mutating func add(_ record: WorkloadRecord, _ offset: UInt64) {
    let (producer, number) = (Int(record.producer) - 1, Int(record.number))
    guard firsts[producer][number] != .max else {
      firsts[producer][number] = offset
      return
    }
    var place = repeated[record] ?? Place(first: firsts[producer][number], last: offset, count: 1)
    place.last = offset
    place.count += 1
    repeated[record] = place
  }

  /// Where a record was seen; nil when it was not.
  func place(of record: WorkloadRecord) -> Place? {
    if let place = repeated[record] { return place }
    let first = firsts[Int(record.producer) - 1][Int(record.number)]
    return first == .max ? nil : Place(first: first, last: first, count: 1)
  }
}
