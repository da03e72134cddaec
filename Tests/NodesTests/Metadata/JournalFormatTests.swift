import Simulation
import Testing

@testable import Nodes

@Suite("The journal's bytes")
struct JournalFormatTests {
  /// Draws effects of every kind; equal seeds give equal effects.
  struct EffectGenerator {
    var random: RandomGenerator

    mutating func number() -> UInt64 {
      switch random.below(4) {
      case 0: 0
      case 1: .max
      case 2: random.below(300)
      default: random.next()
      }
    }

    mutating func text() -> String {
      let alphabet = ["a", "ü", "e\u{301}", "🚚", "/", "\u{0}", "\"", "orders"]
      return (0..<random.below(6)).map { _ in alphabet[Int(random.below(UInt64(alphabet.count)))] }.joined()
    }

    mutating func partition() -> TopicPartition {
      TopicPartition(
        topic: TopicID(rawValue: UInt32(truncatingIfNeeded: number())), index: UInt32(truncatingIfNeeded: number()))
    }

    mutating func identity() -> ProducerIdentity {
      ProducerIdentity(id: number(), epoch: UInt32(truncatingIfNeeded: number()))
    }

    mutating func list<Element>(_ element: (inout Self) -> Element) -> [Element] {
      (0..<random.below(4)).map { _ in element(&self) }
    }

    mutating func row() -> SegmentRow {
      var row = SegmentRow(
        base: number(), end: number(), recordCount: number(), size: number(), epoch: number(), key: ObjectKey(text()))
      row.registeredAt = number()
      row.compaction = number()
      return row
    }

    mutating func grant() -> MetadataState.Grant {
      let (host, incarnation) = holder()
      return MetadataState.Grant(to: AgentIncarnation(agent: host, incarnation: incarnation), request: number())
    }

    mutating func settings() -> TopicSettings {
      var settings = TopicSettings()
      settings.retentionTime = random.below(2) == 0 ? nil : .nanoseconds(Int64(random.below(1 << 60)))
      settings.retentionBytes = random.below(2) == 0 ? nil : number()
      settings.cleanup = random.below(2) == 0 ? .delete : .compact
      settings.tombstoneRetention = .nanoseconds(Int64(random.below(1 << 60)))
      return settings
    }

    mutating func topicEffect() -> TopicEffect {
      switch random.below(8) {
      case 0: .initialized
      case 1: .deleted(partition().topic)
      case 2: .altered(partition().topic, settings(), by: grant())
      case 3: .logStartRaised(partition(), to: number())
      case 4: .objectsRemoved(list { ObjectKey($0.text()) })
      case 5: .compactionClaimed(partition(), MetadataState.CompactionIntent(id: number(), by: grant(), end: number()))
      case 6: .compactionEnded(partition(), intent: number())
      default:
        .rowsSwapped(
          partition(), intent: number(), list { RowReplacement(old: $0.list { $0.row() }, new: $0.row()) })
      }
    }

    mutating func batch() -> StoredBatch {
      StoredBatch(producer: identity(), sequence: number(), count: number(), offset: number())
    }

    mutating func holder() -> (host: HostID, incarnation: Int) {
      (HostID(rawValue: UInt32(truncatingIfNeeded: number())), Int(random.below(1 << 40)))
    }

    mutating func transaction() -> TransactionID { TransactionID(producer: identity(), number: number()) }

    mutating func groupEffect() -> GroupEffect {
      switch random.below(3) {
      case 0:
        let (host, incarnation) = holder()
        let member = ConsumerGroups.Member(
          id: number(), instance: random.below(2) == 0 ? nil : text(),
          joining: ConsumerGroups.Joining(host: host, incarnation: incarnation, request: number()),
          topics: list { $0.text() }, sessionTimeout: .nanoseconds(Int64(truncatingIfNeeded: number())),
          generation: number(),
          owned: list { ConsumerGroups.OwnedPartition(partition: $0.partition(), since: $0.number()) })
        return .memberPut(group: text(), GroupAssignor.allCases[Int(random.below(3))], member)
      case 1: return .memberRemoved(group: text(), member: number(), generation: number())
      default: return .owned(group: text(), member: number(), generation: number(), list { $0.partition() })
      }
    }

    mutating func effect() -> MetadataEffect {
      switch random.below(13) {
      case 12: return .watermarkSet(partition(), number())
      case 0:
        return .topicCreated(
          name: text(), logStarts: list { $0.number() }, settings: settings(), by: random.below(2) == 0 ? nil : grant())
      case 1:
        let (agent, incarnation) = holder()
        return .leaseGranted(
          partition(), epoch: number(), holder: AgentIncarnation(agent: agent, incarnation: incarnation),
          request: number())
      case 2: return .leaseReleased(partition())
      case 3: return .epochFenced(partition(), epoch: number())
      case 4: return .segmentRegistered(partition(), row(), list { $0.batch() })
      case 5:
        return .offsetsCommitted(
          group: text(), list { CommittedOffset(partition: $0.partition(), offset: $0.number()) },
          by: GroupPositions.Commit(
            host: HostID(rawValue: UInt32(truncatingIfNeeded: number())), incarnation: Int(random.below(1 << 40)),
            request: number()))
      case 10: return .group(groupEffect())
      case 6: return .topic(topicEffect())
      case 7:
        return .transaction(.began(transaction(), timeout: .nanoseconds(Int64(truncatingIfNeeded: number()))))
      case 8:
        return .transaction(
          .ended(
            transaction(), random.below(2) == 0 ? .committed : .aborted,
            list { generator in
              TransactionOffsets(
                group: generator.text(),
                offsets: generator.list { CommittedOffset(partition: $0.partition(), offset: $0.number()) })
            }))
      case 9:
        return .transaction(
          .segmentRegistered(
            partition(), row(), list { $0.batch() },
            list { generator in
              let range = TransactionRange(
                generator.transaction(), OffsetRange(first: generator.number(), end: generator.number()))
              return JudgedRange(range: range, isAborted: generator.random.below(2) == 0)
            }))
      default:
        let (host, incarnation) = holder()
        return .producerInitialized(
          name: text(),
          MetadataState.NamedProducer(identity: identity(), by: host, incarnation: incarnation, request: number()))
      }
    }
  }

  private static func journal(_ effects: [MetadataEffect]) -> [UInt8] {
    var bytes: [UInt8] = []
    for effect in effects { JournalFormat.encode(effect, into: &bytes) }
    return bytes
  }

  private static func inWords(_ effects: [MetadataEffect]) -> [String] { effects.map { "\($0)" } }

  @Test("decode to the effects that they were made of", arguments: 1...50 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) {
    var generator = EffectGenerator(random: RandomGenerator(state: seed))
    let effects = (0..<20).map { _ in generator.effect() }
    let bytes = Self.journal(effects)
    let (decoded, length) = JournalFormat.decode(bytes)
    #expect(Self.inWords(decoded) == Self.inWords(effects), "seed \(seed)")
    #expect(length == bytes.count, "seed \(seed)")
    #expect(Self.journal(decoded) == bytes, "seed \(seed)")
  }

  @Test("cut anywhere decode to the whole entries before the cut")
  func cutAnywhere() {
    var generator = EffectGenerator(random: RandomGenerator(state: 99))
    let effects = (0..<6).map { _ in generator.effect() }
    let bytes = Self.journal(effects)
    let ends = (1...effects.count).map { Self.journal(Array(effects.prefix($0))).count }
    for cut in 0...bytes.count {
      let (decoded, length) = JournalFormat.decode(Array(bytes.prefix(cut)))
      let whole = ends.count { $0 <= cut }
      #expect(decoded.count == whole && length == (whole == 0 ? 0 : ends[whole - 1]), "cut at \(cut)")
    }
  }

  @Test("with any bit flipped decode to the entries before it")
  func flippedBits() {
    var generator = EffectGenerator(random: RandomGenerator(state: 7))
    let effects = (0..<4).map { _ in generator.effect() }
    let bytes = Self.journal(effects)
    let ends = (1...effects.count).map { Self.journal(Array(effects.prefix($0))).count }
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 1 << UInt8(position % 8)
      let decoded = JournalFormat.decode(damaged).effects
      #expect(Self.inWords(decoded) == Self.inWords(Array(effects.prefix(ends.count { $0 <= position }))))
    }
  }
}
