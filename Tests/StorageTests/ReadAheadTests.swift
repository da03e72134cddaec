import Benchmarking
import Storage
import Testing

@Suite("Read-ahead")
struct ReadAheadTests {
  @Test("begins when a consumer goes on to the next segment, and deepens while it comes too late")
  func deepens() {
    var readAhead = ReadAhead(highestDepth: 4)
    #expect(readAhead.accessed(10, .absent).isEmpty == true)
    #expect(readAhead.accessed(11, .absent) == 12..<13)
    #expect(readAhead.accessed(12, .underWay) == 13..<15)
    #expect(readAhead.accessed(13, .underWay) == 15..<18)
    #expect(readAhead.accessed(14, .underWay) == 18..<19)
    #expect(readAhead.depth == 4)
    #expect(readAhead.accessed(15, .ready) == 19..<20)
  }

  @Test("asks for nothing twice")
  func nothingTwice() {
    var readAhead = ReadAhead()
    var asked: [UInt64] = []
    for ordinal in 0..<100 as Range<UInt64> { asked += readAhead.accessed(ordinal, .underWay) }
    #expect(asked == asked.sorted())
    #expect(Set(asked).count == asked.count)
  }

  @Test("ends with a jump, and halves when segments are evicted before their use")
  func shrinks() {
    var readAhead = ReadAhead()
    for ordinal in 0..<6 as Range<UInt64> { _ = readAhead.accessed(ordinal, .underWay) }
    #expect(readAhead.depth == 8)
    _ = readAhead.accessed(6, .absent)
    #expect(readAhead.depth == 4)
    #expect(readAhead.accessed(50, .absent).isEmpty == true)
    #expect(readAhead.depth == 0)
  }

  @Test("does not run over the last ordinal there is")
  func lastOrdinal() {
    var readAhead = ReadAhead()
    _ = readAhead.accessed(.max - 1, .absent)
    #expect(readAhead.accessed(.max, .absent).isEmpty == true)
    #expect(readAhead.accessed(.max, .absent).isEmpty == true)
    #expect(readAhead.accessed(0, .absent).isEmpty == true)
  }

  @Test("stays with one consumer that reads the same segment again")
  func sameSegment() {
    var readAhead = ReadAhead()
    _ = readAhead.accessed(3, .absent)
    #expect(readAhead.accessed(3, .ready).isEmpty == true)
    #expect(readAhead.accessed(4, .absent) == 5..<6)
  }

  @Test("asks for nothing that is not known to be there, and for it as soon as it is")
  func endOfLog() {
    var readAhead = ReadAhead(highestDepth: 4)
    _ = readAhead.accessed(0, .absent, end: 10)
    #expect(readAhead.accessed(1, .absent, end: 2).isEmpty == true)
    #expect(readAhead.extended(to: 2).isEmpty == true)
    #expect(readAhead.extended(to: 9) == 2..<3)
    #expect(readAhead.accessed(2, .underWay, end: 4) == 3..<4)
    #expect(readAhead.extended(to: 9) == 4..<5)
    #expect(readAhead.extended(to: 9).isEmpty == true)
    #expect(readAhead.depth == 2)
  }

  @Test("lets a consumer that goes through segments in order find at least 95 of 100 blocks in memory")
  func hitRatio() throws {
    var consumer = try SequentialConsumer()
    let outcome = try consumer.run()
    #expect(outcome.requests > 2500)
    #expect(outcome.hitRatio >= 0.95, "\(outcome)")
    #expect(outcome.wrongAnswers == 0)
    #expect(outcome.records == 40 * 64 * 20)
    // Every block, end and header once: nothing twice, and nothing that is never used.
    #expect(outcome.fetches == 40 * (64 + 2))
  }

  @Test("is what makes the difference: without it the consumer finds nothing and waits for everything")
  func withoutReadAhead() throws {
    var options = SequentialConsumer.Options()
    options.segmentCount = 5
    var with = try SequentialConsumer(options)
    options.highestDepth = 0
    var without = try SequentialConsumer(options)
    let (quick, slow) = (try with.run(), try without.run())
    #expect(slow.hits == 0)
    #expect(slow.wrongAnswers == 0)
    #expect(slow.records == quick.records)
    #expect(slow.milliseconds > 3 * quick.milliseconds)
  }
}
