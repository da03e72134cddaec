import Storage
import Testing

@Suite("A log writer")
struct LogWriterTests {
  private func options(records: Int = 6, age: UInt64 = 100) -> GroupCommitOptions {
    GroupCommitOptions(recordCount: records, ageNanoseconds: age)
  }

  private func encoded(_ entries: [LogEntry], at position: Int = 0) -> [UInt8] {
    WriteAheadLogTests.encode(entries, filePosition: position).bytes
  }

  @Test("writes a group when its entries hold enough records")
  func byCount() throws {
    var log = LogWriter(options: options())
    let entries = WriteAheadLogTests.entries(4)
    #expect(try log.append(entries[0], now: 5).actions == [.wake(at: 105)])
    #expect(try log.append(entries[1], now: 6).actions == [.wake(at: 105)])
    let write = LogWriter.Action.write(file: 0, position: 0, bytes: encoded(Array(entries[..<3])))
    #expect(try log.append(entries[2], now: 7).actions == [write])
    #expect(log.writeCompleted(now: 9) == [.acknowledge(entries: 0..<3)])
    #expect(try log.append(entries[3], now: 10).entry == 3)
  }

  @Test("writes a group when it has enough bytes")
  func byBytes() throws {
    let entries = WriteAheadLogTests.entries(2)
    let size = encoded(entries).count
    var log = LogWriter(options: GroupCommitOptions(byteCount: size))
    #expect(try log.append(entries[0], now: 0).actions == [.wake(at: 10_000_000)])
    #expect(try log.append(entries[1], now: 0).actions == [.write(file: 0, position: 0, bytes: encoded(entries))])
  }

  @Test("writes a group when its oldest entry has waited long enough")
  func byAge() throws {
    var log = LogWriter(options: options())
    let entries = WriteAheadLogTests.entries(1)
    _ = try log.append(entries[0], now: 5)
    #expect(log.wake(now: 104) == [.wake(at: 105)])
    #expect(log.wake(now: 105) == [.write(file: 0, position: 0, bytes: encoded(entries))])
    #expect(log.wake(now: 300) == [])
  }

  @Test("gathers what arrives during a write into the next group")
  func nextGroup() throws {
    var log = LogWriter(options: options(records: 1))
    let entries = WriteAheadLogTests.entries(3)
    let first = encoded([entries[0]])
    #expect(try log.append(entries[0], now: 0).actions == [.write(file: 0, position: 0, bytes: first)])
    #expect(try log.append(entries[1], now: 0).actions == [.wake(at: 100)])
    #expect(try log.append(entries[2], now: 0).actions == [])
    #expect(
      log.writeCompleted(now: 50) == [
        .acknowledge(entries: 0..<1),
        .write(file: 0, position: first.count, bytes: encoded(Array(entries[1...]), at: first.count)),
      ])
    #expect(log.writeCompleted(now: 60) == [.acknowledge(entries: 1..<3)])
  }

  @Test("goes on in a new file after a failed write, and never acknowledges what was in it")
  func failedWrite() throws {
    var log = LogWriter(options: options(records: 1))
    let entries = WriteAheadLogTests.entries(2)
    _ = try log.append(entries[0], now: 0)
    #expect(log.writeFailed(now: 1) == [.fail(entries: 0..<1)])
    #expect(log.writeCompleted(now: 2) == [])
    #expect(
      try log.append(entries[1], now: 3).actions == [.write(file: 1, position: 0, bytes: encoded([entries[1]]))])
  }

  @Test("changes files at their size, never inside a group, and removes released ones")
  func rotation() throws {
    let entries = WriteAheadLogTests.entries(6)
    let size = encoded([entries[0]]).count
    var log = LogWriter(options: GroupCommitOptions(recordCount: 1, fileSizeBytes: 2 * size))
    var files: [UInt64] = []
    for _ in 0..<5 {
      for action in try log.append(entries[0], now: 0).actions {
        if case .write(let file, _, _) = action { files.append(file) }
      }
      _ = log.writeCompleted(now: 0)
    }
    #expect(files == [0, 0, 1, 1, 2])
    #expect(log.release(before: 3) == [.delete(file: 0)])
    #expect(log.sizeBytes == 3 * size)
    #expect(log.release(before: 5) == [.delete(file: 1), .delete(file: 2)])
    #expect(log.sizeBytes == 0)
  }

  @Test("refuses entries beyond its bound until room is made")
  func bound() throws {
    let entry = WriteAheadLogTests.entries(1)[0]
    let size = encoded([entry]).count
    var log = LogWriter(options: GroupCommitOptions(recordCount: 1, totalSizeBytes: 2 * size))
    for _ in 0..<2 {
      _ = try log.append(entry, now: 0)
      _ = log.writeCompleted(now: 0)
    }
    #expect(throws: LogWriterError.full(sizeBytes: 2 * size, entryBytes: size, boundBytes: 2 * size)) {
      try log.append(entry, now: 0)
    }
    _ = log.release(before: 2)
    #expect(try log.append(entry, now: 0).entry == 2)
  }

  @Test("takes over the files of a recovery and numbers on from them")
  func adopt() throws {
    var log = LogWriter(options: options(records: 1), firstFile: 3)
    #expect(try log.adopt(file: 7, sizeBytes: 100, entryCount: 4) == 0..<4)
    let (entry, actions) = try log.append(WriteAheadLogTests.entries(1)[0], now: 0)
    #expect(entry == 4)
    guard case .write(file: 8, position: 0, bytes: _) = actions.first else {
      Issue.record("\(actions)")
      return
    }
    #expect(log.release(before: 4) == [.delete(file: 7)])
  }

  @Test("refuses a file of a recovery once it has taken an entry, and loses nothing")
  func adoptTooLate() throws {
    var log = LogWriter(options: options(records: 2))
    let entries = WriteAheadLogTests.entries(2)
    _ = try log.append(entries[0], now: 0)
    #expect(throws: LogWriterError.adoptedTooLate(file: 7)) {
      try log.adopt(file: 7, sizeBytes: 100, entryCount: 4)
    }
    let write = LogWriter.Action.write(file: 0, position: 0, bytes: encoded(entries))
    #expect(try log.append(entries[1], now: 0).actions == [write])
    #expect(!LogWriterError.adoptedTooLate(file: 7).description.isEmpty)
  }

  @Test("writes at once when asked to, also behind a write under way")
  func flush() throws {
    var log = LogWriter(options: options(records: 9))
    let entries = WriteAheadLogTests.entries(2)
    _ = try log.append(entries[0], now: 1)
    #expect(log.flush(now: 1) == [.write(file: 0, position: 0, bytes: encoded([entries[0]]))])
    _ = try log.append(entries[1], now: 2)
    #expect(log.flush(now: 2) == [])
    #expect(log.writeCompleted(now: 3).count == 2)
  }

  /// A disk that keeps a random part of a write that fails, as after a crash.
  @Test("loses no acknowledged entry, whatever fails and whenever it stops", arguments: UInt64(1)...30)
  func survivesCrashes(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let entries = WriteAheadLogTests.entries(60)
    let bounds = GroupCommitOptions(recordCount: 4, byteCount: 900, ageNanoseconds: 50, fileSizeBytes: 1500)
    var log = LogWriter(options: bounds)
    var files: [UInt64: [UInt8]] = [:]
    var acknowledged: [LogEntry] = []
    var pending: [LogWriter.Action] = []
    var now: UInt64 = 0
    var next = 0
    for _ in 0..<generator.below(200) {
      now += UInt64(generator.below(20))
      let isWriting = !pending.isEmpty
      var actions: [LogWriter.Action] = []
      switch generator.below(4) {
      case 0 where isWriting:
        guard case .write(let file, let position, let bytes) = pending.removeFirst() else { continue }
        let fails = generator.below(5) == 0
        let kept = fails ? Array(bytes.prefix(generator.below(bytes.count + 1))) : bytes
        #expect((files[file]?.count ?? 0) == position, "seed \(seed)")
        files[file, default: []] += kept
        actions = fails ? log.writeFailed(now: now) : log.writeCompleted(now: now)
      case 1:
        actions = log.wake(now: now)
      default:
        guard next < entries.count else { continue }
        actions = try log.append(entries[next], now: now).actions
        next += 1
      }
      for action in actions {
        switch action {
        case .write: pending.append(action)
        case .acknowledge(let range): acknowledged += entries[Int(range.lowerBound)..<Int(range.upperBound)]
        case .wake, .fail, .delete: break
        }
      }
      #expect(pending.count <= 1, "seed \(seed)")
    }
    var recovered: [LogEntry] = []
    for file in files.keys.sorted() {
      let recovery = WriteAheadLog.recover(files[file] ?? [])
      #expect(recovery.damage.isEmpty, "seed \(seed)")
      recovered += recovery.entries
    }
    #expect(acknowledged.allSatisfy(recovered.contains), "seed \(seed)")
  }
}
