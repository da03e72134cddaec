import Storage
import Testing

/// Two caches of one host that were given the same folder by mistake: each writes, renames, evicts and removes as if
/// the folder were its own.
private struct SharedFolder {
  var generator: SplitMix64
  var caches: [TieredCache]
  var files: [String: [UInt8]] = [:]
  var pending: [(cache: Int, action: TieredCache.Action)] = []
  var waiting: [UInt64: Int] = [:]
  var answered = 0
  /// Files that were gone or another's when their cache came to read them.
  var surprises: UInt64 { caches.reduce(0) { $0 + $1.statistics.diskCorruptions } }

  init(seed: UInt64) {
    generator = SplitMix64(seed: seed)
    caches = (0..<2).map { _ in TieredCache(memoryCapacity: 200, diskCapacity: 1500) }
  }

  static func key(_ number: Int) -> CacheKey { CacheKey(object: [UInt8(number)], version: 3) }
  static func content(_ number: Int) -> [UInt8] { [UInt8](repeating: UInt8(number), count: 50 + 13 * number) }

  mutating func request(_ number: Int, by cache: Int, ticket: UInt64) {
    waiting[ticket] = number
    take(caches[cache].request(Self.key(number), ticket: ticket), of: cache)
  }

  mutating func take(_ actions: [TieredCache.Action], of cache: Int) {
    for action in actions {
      switch action {
      case .deliver(let ticket, let bytes):
        #expect(waiting.removeValue(forKey: ticket).map(Self.content) == bytes)
        answered += 1
      case .fail: Issue.record("nothing fails here")
      case .removeFile(let name): files[name] = nil
      default: pending.append((cache, action))
      }
    }
  }

  /// A write takes two turns, so that the other cache may see, rename or remove half a file.
  mutating func answerOne() {
    guard !pending.isEmpty else { return }
    let (cache, action) = pending.remove(at: generator.below(pending.count))
    switch action {
    case .fetch(let key):
      take(caches[cache].fetched(key, bytes: Self.content(Int(key.object[0]))), of: cache)
    case .readFile(let name, let key):
      take(caches[cache].diskRead(key, file: files[name]), of: cache)
    case .writeFile(let name, let bytes, let key):
      if files[name] == nil {
        files[name] = Array(bytes.prefix(bytes.count / 2))
        pending.append((cache, action))
      } else {
        files[name] = bytes
        take(caches[cache].fileWritten(key, .written), of: cache)
      }
    case .renameFile(let from, let to, let key):
      let file = files.removeValue(forKey: from)
      if let file { files[to] = file }
      take(caches[cache].fileRenamed(key, succeeded: file != nil), of: cache)
    default: break
    }
  }
}

@Suite("Two caches in one folder")
struct SharedFolderTests {
  @Test("lose files to each other, and never deliver wrong bytes", arguments: UInt64(1)...20)
  func neverWrong(seed: UInt64) {
    var folder = SharedFolder(seed: seed)
    for ticket in 0..<3000 as Range<UInt64> {
      if folder.generator.below(3) == 0 {
        folder.request(folder.generator.below(12), by: folder.generator.below(2), ticket: ticket)
      } else {
        folder.answerOne()
      }
    }
    while !folder.pending.isEmpty { folder.answerOne() }
    #expect(folder.waiting.isEmpty, "seed \(seed)")
    #expect(folder.answered > 800, "seed \(seed)")
    #expect(folder.surprises > 0, "seed \(seed)")
    #expect(folder.caches.allSatisfy { $0.statistics.diskHits > 0 }, "seed \(seed)")
  }
}
