import Storage
import Testing

@Suite("The cache of two tiers")
struct TieredCacheTests {
  typealias Action = TieredCache.Action

  private func key(_ number: Int) -> CacheKey { CacheKey(object: Array("object \(number)".utf8), version: 1) }
  private func content(_ number: Int, size: Int = 100) -> [UInt8] {
    [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
  }

  /// Fetches an object and writes it to disk, as a flawless node does.
  @discardableResult
  private func fill(_ cache: inout TieredCache, _ number: Int, into files: inout [String: [UInt8]]) -> [Action] {
    _ = cache.request(key(number), ticket: 0)
    var seen: [Action] = []
    for action in cache.fetched(key(number), bytes: content(number)) {
      seen.append(action)
      switch action {
      case .removeFile(let name): files[name] = nil
      case .writeFile(let temporary, let bytes, let key):
        for case .renameFile(temporary, let name, _) in cache.fileWritten(key, .written) { files[name] = bytes }
        _ = cache.fileRenamed(key, succeeded: true)
      default: break
      }
    }
    return seen
  }

  private func onlyRead(_ actions: [Action]) -> String? {
    guard actions.count == 1, case .readFile(let name, _) = actions[0] else { return nil }
    return name
  }

  @Test("fetches once for however many wait, and answers them all")
  func singleFlight() {
    var cache = TieredCache(memoryCapacity: 1000, diskCapacity: 1000)
    #expect(cache.request(key(1), ticket: 1) == [.fetch(key: key(1))])
    #expect(cache.readiness(of: key(1)) == .underWay)
    #expect(cache.request(key(1), ticket: 2) == [])
    #expect(cache.prefetch(key(1)) == [])
    let actions = cache.fetched(key(1), bytes: content(1))
    #expect(actions.prefix(2) == [.deliver(ticket: 1, bytes: content(1)), .deliver(ticket: 2, bytes: content(1))])
    #expect(cache.request(key(1), ticket: 3) == [.deliver(ticket: 3, bytes: content(1))])
    #expect(cache.statistics.fetches == 1)
    #expect(cache.statistics.shared == 1)
    #expect(cache.statistics.memoryHits == 1)
  }

  @Test("tells everybody of a failed fetch, and tries again for the next")
  func failedFetch() {
    var cache = TieredCache(memoryCapacity: 1000, diskCapacity: 1000)
    _ = cache.request(key(1), ticket: 1)
    _ = cache.request(key(1), ticket: 2)
    #expect(cache.fetchFailed(key(1)) == [.fail(ticket: 1), .fail(ticket: 2)])
    #expect(cache.request(key(1), ticket: 3) == [.fetch(key: key(1))])
  }

  @Test("writes a file under a temporary name and renames it when it is whole")
  func atomicFill() throws {
    var cache = TieredCache(memoryCapacity: 0, diskCapacity: 1000)
    _ = cache.request(key(1), ticket: 1)
    let actions = cache.fetched(key(1), bytes: content(1))
    guard case .writeFile(let temporary, let bytes, _) = try #require(actions.last) else {
      Issue.record("\(actions)")
      return
    }
    // Not there before it has its name: a second request fetches.
    #expect(cache.request(key(1), ticket: 2) == [.fetch(key: key(1))])
    let rename = cache.fileWritten(key(1), .written)
    guard case .renameFile(temporary, let name, _) = rename.first else {
      Issue.record("\(rename)")
      return
    }
    #expect(cache.fileRenamed(key(1), succeeded: true) == [])
    _ = cache.fetchFailed(key(1))
    #expect(onlyRead(cache.request(key(1), ticket: 3)) == name)
    #expect(cache.diskRead(key(1), file: bytes) == [.deliver(ticket: 3, bytes: content(1))])
    #expect(cache.statistics.diskHits == 1)
  }

  @Test("takes a damaged, foreign or vanished file for a miss and removes it")
  func damagedFile() throws {
    var files: [String: [UInt8]] = [:]
    var cache = TieredCache(memoryCapacity: 0, diskCapacity: 10_000)
    fill(&cache, 1, into: &files)
    let file = try #require(files.values.first)
    var bad: [[UInt8]?] = [nil, [], file.dropLast(), file + [0]]
    bad += file.indices.map { position in
      var damaged = file
      damaged[position] ^= 0x10
      return damaged
    }
    for damaged in bad {
      var copy = cache
      let name = try #require(onlyRead(copy.request(key(1), ticket: 5)))
      #expect(copy.diskRead(key(1), file: damaged) == [.removeFile(name: name), .fetch(key: key(1))])
      #expect(copy.fetched(key(1), bytes: content(1)).first == .deliver(ticket: 5, bytes: content(1)))
    }
  }

  @Test("removes a file that is evicted while it is read only after the reading")
  func evictionDuringRead() throws {
    var files: [String: [UInt8]] = [:]
    var cache = TieredCache(memoryCapacity: 0, diskCapacity: 220)
    fill(&cache, 1, into: &files)
    let name = try #require(onlyRead(cache.request(key(1), ticket: 1)))
    // There is room for one file only, and the evicted one still takes it: no fill, no removal yet.
    #expect(fill(&cache, 2, into: &files) == [.deliver(ticket: 0, bytes: content(2))])
    #expect(cache.statistics.diskEvictions == 1)
    #expect(cache.statistics.diskBytes <= 220)
    #expect(
      cache.diskRead(key(1), file: files[name]) == [
        .deliver(ticket: 1, bytes: content(1)), .removeFile(name: name),
      ])
    #expect(cache.statistics.diskBytes == 0)
  }

  @Test("loses only the fill when writing fails, and lowers its bound when the disk is full")
  func failedFill() {
    var files: [String: [UInt8]] = [:]
    var cache = TieredCache(memoryCapacity: 0, diskCapacity: 10_000)
    fill(&cache, 1, into: &files)
    let kept = cache.statistics.diskBytes
    for (number, result) in [(2, TieredCache.WriteResult.failed), (3, .diskFull)] {
      _ = cache.request(key(number), ticket: 9)
      #expect(cache.fetched(key(number), bytes: content(number)).first == .deliver(ticket: 9, bytes: content(number)))
      let actions = cache.fileWritten(key(number), result)
      guard case .removeFile(let name) = actions.first else {
        Issue.record("\(actions)")
        return
      }
      #expect(name.hasSuffix(".tmp"))
      #expect(cache.statistics.diskBytes == kept)
    }
    #expect(cache.statistics.failedFills == 2)
    #expect(cache.statistics.diskCapacity == kept)
    // From now on a new file takes the place of an old one.
    _ = fill(&cache, 4, into: &files)
    #expect(cache.statistics.diskFiles == 1)
    #expect(cache.statistics.diskBytes <= kept)
  }

  @Test("counts what is being written when the disk is full: it will be there")
  func diskFullWhileFilling() {
    var cache = TieredCache(memoryCapacity: 0, diskCapacity: 10_000)
    for number in 1...3 {
      _ = cache.request(key(number), ticket: 0)
      _ = cache.fetched(key(number), bytes: content(number))
    }
    let promised = cache.statistics.diskBytes
    _ = cache.fileWritten(key(2), .diskFull)
    #expect(cache.statistics.diskCapacity == promised / 3 * 2)
    for number in [1, 3] {
      _ = cache.fileWritten(key(number), .written)
      _ = cache.fileRenamed(key(number), succeeded: true)
    }
    #expect(cache.statistics.diskFiles == 2)
  }

  @Test("grows its bound back once the disk has room again, also from nothing, and never above what it was")
  func boundGrowsBack() {
    var files: [String: [UInt8]] = [:]
    var cache = TieredCache(memoryCapacity: 0, diskCapacity: 1000)
    _ = cache.request(key(0), ticket: 0)
    _ = cache.fetched(key(0), bytes: content(0))
    _ = cache.fileWritten(key(0), .diskFull)
    #expect(cache.statistics.diskCapacity == 0)
    var capacities: [Int] = []
    for number in 1...200 {
      fill(&cache, number, into: &files)
      capacities.append(cache.statistics.diskCapacity)
    }
    #expect(capacities == capacities.sorted())
    #expect(capacities.last == 1000)
    // Little by little: on a disk that stays full, most fills take the place of an old file.
    #expect(capacities[10] < 200)
    #expect(cache.statistics.diskFiles > 3)
  }

  @Test("finds its files again after a crash, and removes what was being written")
  func recovery() throws {
    var files: [String: [UInt8]] = [:]
    var before = TieredCache(memoryCapacity: 1000, diskCapacity: 1000)
    fill(&before, 1, into: &files)
    let found = files.map { TieredCache.FoundFile(name: $0.key, sizeBytes: $0.value.count) }
    let temporary = TieredCache.FoundFile(name: String(repeating: "0", count: 32) + ".tmp", sizeBytes: 50)
    let foreign = TieredCache.FoundFile(name: "notes.txt", sizeBytes: 1)
    var cache = TieredCache(memoryCapacity: 1000, diskCapacity: 1000)
    #expect(
      cache.adopt(found + [temporary, foreign]) == [
        .removeFile(name: temporary.name), .removeFile(name: "notes.txt"),
      ])
    let name = try #require(onlyRead(cache.request(key(1), ticket: 1)))
    #expect(cache.diskRead(key(1), file: files[name]) == [.deliver(ticket: 1, bytes: content(1))])
  }

  @Test("adopts no more than its bound")
  func recoveryBound() {
    var files: [String: [UInt8]] = [:]
    var before = TieredCache(memoryCapacity: 0, diskCapacity: 10_000)
    for number in 0..<10 { fill(&before, number, into: &files) }
    let found = files.keys.sorted().map { TieredCache.FoundFile(name: $0, sizeBytes: files[$0]?.count ?? 0) }
    var cache = TieredCache(memoryCapacity: 0, diskCapacity: 500)
    let removed = cache.adopt(found)
    #expect(removed.count + cache.statistics.diskFiles == 10)
    #expect(cache.statistics.diskBytes <= 500)
  }

  @Test("ignores answers that nobody waits for")
  func strayAnswers() {
    var cache = TieredCache(memoryCapacity: 1000, diskCapacity: 1000)
    #expect(cache.fetched(key(1), bytes: [1]) == [])
    #expect(cache.fetchFailed(key(1)) == [])
    #expect(cache.diskRead(key(1), file: nil) == [])
    #expect(cache.fileWritten(key(1), .written) == [])
    #expect(cache.fileRenamed(key(1), succeeded: true) == [])
    #expect(cache.remove(key(1)) == [])
  }

  @Test("tells the parts of an object apart, and a part from the whole")
  func ranges() throws {
    let ranges: [Range<Int>?] = [nil, 0..<0, 0..<10, 0..<11, 1..<10]
    let keys = ranges.map { CacheKey(object: [1], version: 1, range: $0) }
    var files: [String: [UInt8]] = [:]
    var cache = TieredCache(memoryCapacity: 0, diskCapacity: 10_000)
    for (number, key) in keys.enumerated() {
      #expect(cache.request(key, ticket: 1) == [.fetch(key: key)])
      guard case .writeFile(let temporary, let bytes, _) = cache.fetched(key, bytes: content(number)).last,
        case .renameFile(temporary, let name, _) = cache.fileWritten(key, .written).first
      else {
        Issue.record("nothing was written")
        return
      }
      _ = cache.fileRenamed(key, succeeded: true)
      files[name] = bytes
    }
    #expect(files.count == keys.count)
    for (number, key) in keys.enumerated() {
      let name = try #require(onlyRead(cache.request(key, ticket: 2)))
      // Another part's file under this name is foreign.
      for (other, file) in files where other != name {
        var copy = cache
        #expect(copy.diskRead(key, file: file) == [.removeFile(name: name), .fetch(key: key)])
      }
      #expect(cache.diskRead(key, file: files[name]) == [.deliver(ticket: 2, bytes: content(number))])
    }
  }

  @Test("serves two consumers of one host: what one has fetched the other finds, each with its own tickets")
  func twoConsumers() {
    var cache = TieredCache(memoryCapacity: 10_000, diskCapacity: 10_000)
    for number in 0..<10 {
      #expect(cache.request(key(number), ticket: UInt64(number)) == [.fetch(key: key(number))])
      // The second one comes while every other object is under way, and behind the rest.
      let comesEarly = number % 2 == 0
      if comesEarly { #expect(cache.request(key(number), ticket: UInt64(100 + number)) == []) }
      let answers = cache.fetched(key(number), bytes: content(number)).prefix(comesEarly ? 2 : 1)
      #expect(answers.first == .deliver(ticket: UInt64(number), bytes: content(number)))
      if comesEarly {
        #expect(answers.last == .deliver(ticket: UInt64(100 + number), bytes: content(number)))
      } else {
        #expect(
          cache.request(key(number), ticket: UInt64(100 + number)) == [
            .deliver(ticket: UInt64(100 + number), bytes: content(number))
          ])
      }
    }
    #expect(cache.statistics.requests == 20)
    #expect(cache.statistics.fetches == 10)
    #expect(cache.statistics.hitRatio == 0.25)
  }
}
