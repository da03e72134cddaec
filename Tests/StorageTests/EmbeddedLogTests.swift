import Storage
import Testing

/// Logs whose values are logs themselves, as when somebody sends copies of log files through the system.
@Suite("Entries inside of values")
struct EmbeddedLogTests {
  /// Entries inside of values have this epoch, real ones another.
  private static let embeddedEpoch: UInt64 = 99

  private func entry(offset: UInt64, epoch: UInt64 = 3, value: [UInt8]) -> LogEntry {
    var builder = RecordBatchBuilder()
    builder.append(timestamp: 1, key: nil, value: value)
    return LogEntry(
      offset: offset, epoch: epoch, producer: 5, producerEpoch: 1, sequence: offset, batch: builder.finish())
  }

  private func embedded(_ count: Int, filePosition: Int = 0) -> [UInt8] {
    let entries = (0..<UInt64(count)).map { entry(offset: 1000 + $0, epoch: Self.embeddedEpoch, value: [1, 2, 3]) }
    return WriteAheadLogTests.encode(entries, filePosition: filePosition).bytes
  }

  @Test("do not come back as real ones when the prefix around them is damaged")
  func notBroughtBack() {
    let entries = [
      entry(offset: 0, value: [1]), entry(offset: 1, value: embedded(3)), entry(offset: 2, value: [2]),
    ]
    let (bytes, ends) = WriteAheadLogTests.encode(entries)
    for position in ends[0]..<(ends[0] + 16) {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[position] ^= 1 << bit
        let recovery = WriteAheadLog.recover(damaged)
        #expect(recovery.entries == [entries[0], entries[2]])
        #expect(recovery.damage.count == 1 && recovery.tornTail == 0)
        #expect(recovery.losses == [LogLoss(damage: 0..<1, offsets: 1..<2)])
      }
    }
  }

  @Test("hide no good entry by a length that goes beyond the end")
  func nothingHidden() {
    var huge = embedded(2)
    WriteAheadLogTests.claim(0x7FFF_FFFF, at: 0, in: &huge)
    let entries = [entry(offset: 0, value: huge), entry(offset: 1, value: [2]), entry(offset: 2, value: huge)]
    let (bytes, ends) = WriteAheadLogTests.encode(entries)
    for position in 0..<16 {
      var damaged = bytes
      damaged[position] ^= 0x04
      let recovery = WriteAheadLog.recover(damaged)
      #expect(recovery.entries == Array(entries[1...]))
      #expect(recovery.tornTail == 0)
      // A length made for the very place where it lies is no reason either to give up what follows.
      let place = 16 + 36 + 20
      WriteAheadLogTests.claim(0x7FFF_FFFF, at: place, in: &damaged)
      damaged.replaceSubrange(place..<(place + 4), with: Array("SHLE".utf8))
      WriteAheadLogTests.claim(0x7FFF_FFFF, at: place, in: &damaged)
      let second = WriteAheadLog.recover(damaged)
      #expect(second.entries == Array(entries[1...]))
      #expect(second.tornTail == 0 && second.damage.reduce(0) { $0 + $1.length } == ends[0])
    }
  }

  @Test(
    "are never taken for real ones, whatever is damaged or cut, and no untouched entry is lost",
    arguments: UInt64(1)...40)
  func property(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var bytes: [UInt8] = []
    var entries: [LogEntry] = []
    var ends: [Int] = []
    for offset in 0..<UInt64(4 + generator.below(12)) {
      let value: [UInt8] =
        switch generator.below(4) {
        case 0: generator.bytes(generator.below(60))
        case 1: embedded(1 + generator.below(4))
        // A copy of the log so far, or of one that went on at this place.
        case 2: Array(bytes.prefix(2000))
        default: generator.bytes(generator.below(5)) + embedded(2, filePosition: bytes.count)
        }
      entries.append(entry(offset: offset, value: value))
      WriteAheadLog.encode(entries[entries.count - 1], into: &bytes, filePosition: 0)
      ends.append(bytes.count)
    }
    for _ in 0..<60 {
      var damaged = bytes
      var touched: Set<Int> = []
      for _ in 0..<(1 + generator.below(3)) {
        // Prefixes above all: they are what recovery goes by.
        let number = generator.below(entries.count)
        let start = number == 0 ? 0 : ends[number - 1]
        let position = start + (generator.below(2) == 0 ? generator.below(16) : generator.below(ends[number] - start))
        damaged[position] ^= 1 << UInt8(generator.below(8))
        touched.insert(number)
      }
      let length = generator.below(3) == 0 ? generator.below(bytes.count + 1) : bytes.count
      let recovery = WriteAheadLog.recover(Array(damaged[..<length]))
      #expect(recovery.entries.allSatisfy { $0.epoch != Self.embeddedEpoch }, "seed \(seed)")
      let untouched = entries.indices.filter { ends[$0] <= length && !touched.contains($0) }
      #expect(untouched.allSatisfy { recovery.entries.contains(entries[$0]) }, "seed \(seed)")
      #expect(recovery.entries.map(\.offset) == recovery.entries.map(\.offset).sorted(), "seed \(seed)")
      #expect(Set(recovery.entries.map(\.offset)).count == recovery.entries.count, "seed \(seed)")
      let read = WriteAheadLogTests.encode(recovery.entries).bytes.count
      let lost = recovery.damage.reduce(recovery.tornTail) { $0 + $1.length }
      #expect(read + lost == length, "seed \(seed)")
    }
  }
}
