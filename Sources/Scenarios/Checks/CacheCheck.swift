import Nodes
import Simulation
import Storage

/// L: a cache serves what the object holds, and keeps no more on its disk than it may.
struct CacheCheck {
  /// How an object is looked at.
  private let object: (ObjectKey) -> [UInt8]?
  /// What was seen to be in objects.
  private var hashes: [ObjectKey: UInt64] = [:]
  /// What damage made of objects: a cache that fetched it then is no liar.
  private var damages: [ObjectKey: Set<UInt64>] = [:]

  /// What a cache has on its disk.
  struct Folder {
    var host: HostID
    var bytes: Int
    var bound: Int
  }

  init(object: @escaping (ObjectKey) -> [UInt8]?) { self.object = object }

  /// Damage has come to an object, which holds bytes of this hash now.
  mutating func damaged(_ key: ObjectKey, _ hash: UInt64) { damages[key, default: []].insert(hash) }

  mutating func served(_ answer: SegmentServed, _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList) {
    if hashes[answer.key] == answer.hash { return }
    // Of an object that is gone counts what it last was; of one that nobody ever looked at nothing is known.
    if let bytes = object(answer.key) { hashes[answer.key] = Hashing.xxh3(bytes) }
    guard let hash = hashes[answer.key], hash != answer.hash, damages[answer.key]?.contains(answer.hash) != true else {
      return
    }
    found.add(
      Violation(
        .cachesAreTrue, at: stamp.time,
        "the cache of \(labels.host(stamp.host)) served something at \(stamp.time) that is not what the object \(answer.key) holds",
        events: [stamp.number]))
  }

  func judge(_ folders: [Folder], at time: VirtualTime, _ labels: Labels, _ found: inout ViolationList) {
    for folder in folders where folder.bytes > folder.bound {
      found.add(
        Violation(
          .cachesAreTrue, at: time,
          "the cache of \(labels.host(folder.host)) has \(folder.bytes) bytes on its disk at the end, and may have \(folder.bound)"
        ))
    }
  }
}
