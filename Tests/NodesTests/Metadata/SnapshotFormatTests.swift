import Simulation
import Testing

@testable import Nodes

@Suite("A snapshot of the metadata")
struct SnapshotFormatTests {
  @Test("has every part of the state, each under a tag of its own")
  func partsAreComplete() {
    let stored = Mirror(reflecting: MetadataState()).children
    #expect(stored.allSatisfy { $0.value is any StatePart }, "a stored property of MetadataState is no StatePart")
    #expect(MetadataState.parts.count == stored.count, "a part is missing in MetadataState.parts")
    #expect(
      Set(MetadataState.parts.map(\.tag))
        == Set(stored.compactMap { ($0.value as? any StatePart).map { type(of: $0).tag } }),
      "MetadataState.parts lists a part twice, or two parts share a tag")
    #expect(Set(MetadataState.parts.map(\.tag)).count == stored.count)
  }

  @Test("is drawn after effects of every kind")
  func everyKindIsDrawn() {
    var drawn = PlausibleEffects(seed: 1)
    drawn.apply(count: 400)
    #expect(drawn.kinds == Set(EffectKind.allCases))
  }

  // The text of a reflection shows every stored field, also one that the part's picture forgets.
  @Test("reads back as the state that it was taken of", arguments: 1...40 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var drawn = PlausibleEffects(seed: seed)
    for _ in 0..<8 {
      drawn.apply(count: 25)
      let bytes = SnapshotFormat.encode(drawn.state, generation: seed)
      let (state, generation) = try #require(SnapshotFormat.decode(bytes), "seed \(seed)")
      #expect(generation == seed)
      #expect(state.snapshot == drawn.state.snapshot, "seed \(seed)")
      #expect(String(reflecting: state) == String(reflecting: drawn.state), "seed \(seed)")
      #expect(SnapshotFormat.encode(state, generation: seed) == bytes, "seed \(seed)")
    }
  }

  @Test("goes on as the state that it was taken of", arguments: 1...20 as ClosedRange<UInt64>)
  func effectsBehindIt(seed: UInt64) throws {
    var drawn = PlausibleEffects(seed: seed)
    drawn.apply(count: 100)
    var (state, _) = try #require(SnapshotFormat.decode(SnapshotFormat.encode(drawn.state, generation: 1)))
    let known = drawn.effects.count
    drawn.apply(count: 100)
    for effect in drawn.effects[known...] { state.apply(effect) }
    #expect(String(reflecting: state) == String(reflecting: drawn.state), "seed \(seed)")
  }

  @Test("that is cut anywhere is refused")
  func cut() {
    var drawn = PlausibleEffects(seed: 3)
    drawn.apply(count: 30)
    let bytes = SnapshotFormat.encode(drawn.state, generation: 4)
    for length in bytes.indices { #expect(SnapshotFormat.decode(Array(bytes[..<length])) == nil, "cut at \(length)") }
  }

  @Test("with any bit flipped is refused")
  func flippedBits() {
    var drawn = PlausibleEffects(seed: 5)
    drawn.apply(count: 20)
    let bytes = SnapshotFormat.encode(drawn.state, generation: 4)
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 1 << UInt8(position % 8)
      #expect(SnapshotFormat.decode(damaged) == nil, "byte \(position)")
    }
  }
}
