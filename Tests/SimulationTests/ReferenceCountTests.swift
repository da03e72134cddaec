import CReferenceCounts
import Testing

/// An object whose end can be seen.
private final class Counted {
  static nonisolated(unsafe) var ended = 0
  deinit { Counted.ended += 1 }
}

/// No other thread touches these objects, so that both ways of counting are allowed.
@Suite("Reference counts", .serialized)
struct ReferenceCountTests {
  private func reference(to object: AnyObject) -> UnsafeMutableRawPointer {
    Unmanaged.passUnretained(object).toOpaque()
  }

  @Test("end an object with its last reference, with atomics and without", arguments: [true, false])
  func lastReference(isAlone: Bool) {
    let ended = Counted.ended
    let object = Unmanaged.passRetained(Counted()).toOpaque()
    for _ in 0..<1_000 { #expect(reference_counts_retain(object, isAlone) == object) }
    for _ in 0..<1_000 { reference_counts_release(object, isAlone) }
    #expect(Counted.ended == ended)
    reference_counts_release(object, isAlone)
    #expect(Counted.ended == ended + 1)
  }

  @Test("are seen by the runtime")
  func seenByTheRuntime() {
    var object: Counted? = Counted()
    let address = reference(to: object!)
    #expect(isKnownUniquelyReferenced(&object))
    _ = reference_counts_retain(address, true)
    #expect(!isKnownUniquelyReferenced(&object))
    reference_counts_release(address, true)
    #expect(isKnownUniquelyReferenced(&object))
  }

  @Test("of an object with weak references are kept by the runtime")
  func weakReferences() {
    let ended = Counted.ended
    var object: Counted? = Counted()
    weak let observer = object
    let address = reference(to: object!)
    for _ in 0..<100 { _ = reference_counts_retain(address, true) }
    object = nil
    #expect(observer != nil)
    for _ in 0..<100 { reference_counts_release(address, true) }
    #expect(observer == nil)
    #expect(Counted.ended == ended + 1)
  }

  @Test("of an object that lives for ever do not change")
  func immortal() {
    // The storage of all empty arrays.
    let empty = unsafeBitCast([Int](), to: UnsafeMutableRawPointer.self)
    for _ in 0..<100 { reference_counts_release(empty, true) }
    for _ in 0..<100 { _ = reference_counts_retain(empty, true) }
    #expect([Int]().isEmpty)
  }

  @Test("leave alone what refers to nothing")
  func nothing() {
    #expect(reference_counts_retain(nil, true) == nil)
    reference_counts_release(nil, true)
    // A short string stands in its reference, marked by the highest bit.
    let short = UnsafeMutableRawPointer(bitPattern: UInt(0xe100_0000_0000_006e))
    #expect(reference_counts_retain(short, true) == short)
    reference_counts_release(short, true)
  }

  @Test("leave in a reference what a bridged type put into it")
  func bridged() {
    let object = Counted()
    let marked = reference(to: object) + 1
    #expect(reference_counts_retain(marked, true) == marked)
    reference_counts_release(reference(to: object), true)
  }
}
