import Foundation
import Storage
import Testing

@Suite("Hashes and partitioners")
struct HashingTests {
  struct Row: Decodable {
    struct Partitions: Decodable {
      let client: Int
      let topicWriter: Int
      let rest: Int
    }
    let key: Data?
    let sip24: UInt64?
    let sip13: UInt64?
    let murmur2: UInt32?
    let partitionOf10: Partitions?
    let routeTopic: String?
    let routePartition: Int?
    let routeHash: UInt64?
  }

  @Test("of the original's keys and routes come out as there")
  func originalVectors() throws {
    let rows = try Golden.lines("hashes.jsonl", as: Row.self)
    #expect(rows.count > 60)
    for row in rows {
      if let topic = row.routeTopic, let partition = row.routePartition {
        #expect(SipHash.hash24(text: Array("\(topic)-\(partition)".utf8)) == row.routeHash)
        continue
      }
      let key = try [UInt8](#require(row.key))
      let partitions = try #require(row.partitionOf10)
      #expect(SipHash.hash24(key) == row.sip24)
      #expect(SipHash.hash13(key) == row.sip13)
      #expect(Murmur2.hash(key) == row.murmur2)
      #expect(choose(.keyHash, key) == partitions.client)
      #expect(choose(.sipHash13, key) == partitions.topicWriter)
      #expect(choose(.murmur2Unmasked, key) == partitions.rest)
    }
  }

  private func choose(_ partitioner: Partitioner, _ key: [UInt8]?) -> Int {
    var state = PartitionerState(partitioner)
    return state.partition(forKey: key, partitionCount: 10)
  }

  @Test("records without a key take turns")
  func roundRobin() {
    for partitioner in [Partitioner.keyHash, .murmur2, .sipHash13, .roundRobin] {
      var state = PartitionerState(partitioner)
      #expect((0..<5).map { _ in state.partition(forKey: nil, partitionCount: 3) } == [0, 1, 2, 0, 1])
    }
  }

  @Test("a sticky producer changes partition when its batch is closed")
  func sticky() {
    var state = PartitionerState(.sticky)
    #expect(state.partition(forKey: nil, partitionCount: 3) == 0)
    #expect(state.partition(forKey: nil, partitionCount: 3) == 0)
    state.batchClosed()
    #expect(state.partition(forKey: nil, partitionCount: 3) == 1)
  }

  @Test("murmur2 takes the partition that Kafka's clients take")
  func murmur2() {
    // The hashes that Kafka's own tests expect, as signed integers.
    let published: [(key: String, hash: Int32)] = [
      ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
      ("a-little-bit-longer-string", -1_486_304_829),
      ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
    ]
    for (key, hash) in published {
      #expect(Murmur2.hash(Array(key.utf8)) == UInt32(bitPattern: hash), "\(key)")
      #expect(choose(.murmur2, Array(key.utf8)) == Int(hash & 0x7FFF_FFFF) % 10, "\(key)")
      #expect(choose(.murmur2Unmasked, Array(key.utf8)) == Int(UInt32(bitPattern: hash) % 10), "\(key)")
    }
  }

  @Test("records with a key take turns all the same where everything takes turns")
  func roundRobinWithKeys() {
    var state = PartitionerState(.roundRobin)
    #expect([[1], [1], nil, [2]].map { state.partition(forKey: $0, partitionCount: 3) } == [0, 1, 2, 0])
  }

  @Test("a sticky producer sends records with a key where their key belongs, and stays where it was")
  func stickyWithKeys() {
    var state = PartitionerState(.sticky)
    state.batchClosed()
    for key in ["a", "b", "c", "d"].map({ Array($0.utf8) }) {
      #expect(state.partition(forKey: nil, partitionCount: 10) == 1)
      #expect(state.partition(forKey: key, partitionCount: 10) == choose(.keyHash, key))
    }
  }

  @Test("a topic without partitions traps nobody")
  func noPartitions() {
    for partitioner in Partitioner.allCases {
      var state = PartitionerState(partitioner)
      #expect(state.partition(forKey: [1], partitionCount: 0) == 0)
      #expect(state.partition(forKey: nil, partitionCount: -1) == 0)
    }
  }

  @Test("checksums and digests match published values")
  func publishedValues() {
    let check = Array("123456789".utf8)
    #expect(Checksum.crc32(check) == 0xCBF4_3926)
    #expect(Checksum.crc32(Array(check[4...]), seed: Checksum.crc32(Array(check[..<4]))) == 0xCBF4_3926)
    let combined = Checksum.combine(
      Checksum.crc32(Array(check[..<4])), Checksum.crc32(Array(check[4...])), secondLength: 5)
    #expect(combined == 0xCBF4_3926)
    #expect(Checksum.crc32([]) == 0)
    #expect(Checksum.crc32([], seed: 7) == 7)
    #expect(Hashing.xxh3([UInt8]()) == 0x2D06_8005_38D3_94C2)
    let abc = MessageDigest.md5(Array("abc".utf8)).map { String(format: "%02x", $0) }.joined()
    #expect(abc == "900150983cd24fb0d6963f7d28e17f72")
    #expect(MessageDigest.md5([UInt8]()).count == 16)
  }
}
