import Simulation
import Storage
import Testing

@testable import Nodes

@Suite("An agent's segments")
struct SegmentTests {
  private func cluster(_ change: (inout ClusterSettings) -> Void = { _ in }) -> TestCluster {
    let cluster = TestCluster {
      $0.agents = 1
      change(&$0)
    }
    cluster.awaitLeaders()
    return cluster
  }

  @Test("hold batches in the order in which they came")
  func order() throws {
    let cluster = cluster()
    let answers = (0..<20).map { number in
      cluster.send(Produce("\(number)a", "\(number)b"), to: cluster.agent(0), as: number % 2)
    }
    cluster.run(until: "answers") { answers.allSatisfy { $0.isThere } }
    // Both clients' messages take equally long; what one sent is in its order.
    let values = cluster.values()
    for client in 0..<2 {
      let own = (0..<20).filter { $0 % 2 == client }.flatMap { ["\($0)a", "\($0)b"] }
      #expect(values.filter { own.contains($0) } == own)
    }
    #expect(values.count == 40)
    for answer in answers {
      let offset = try #require(answer.value?.offset.number)
      #expect(values[Int(offset)].dropLast() == values[Int(offset) + 1].dropLast(), "a batch stays together")
    }
  }

  @Test("are closed by size, and none begins or ends within a batch")
  func size() throws {
    // A record weighs 17 bytes, a batch of three 51: a second one would be too much, and seven records alone are.
    let cluster = cluster { $0.agent.segmentBytes = 100 }
    for _ in 0..<3 { cluster.send(Produce("a", "b", "c"), to: cluster.agent(0)) }
    cluster.send(Produce("1", "2", "3", "4", "5", "6", "7"), to: cluster.agent(0))
    cluster.send(Produce("x"), to: cluster.agent(0))
    cluster.run(until: "everything is stored") { cluster.watermark() == 17 }
    #expect(cluster.manifest().rows.map(\.base) == [0, 3, 6, 9, 16])
    #expect(cluster.values() == ["a", "b", "c", "a", "b", "c", "a", "b", "c", "1", "2", "3", "4", "5", "6", "7", "x"])
  }

  @Test("are closed at once when they are full, without waiting for more")
  func fullAtOnce() throws {
    let cluster = cluster { $0.agent.segmentBytes = 30 }
    let begin = cluster.now
    try cluster.ask(Produce("a", "b"), of: cluster.agent(0))
    #expect(cluster.now - begin < .milliseconds(10))
  }

  @Test("are closed at an age, counted from the first record")
  func age() throws {
    let cluster = cluster()
    let begin = cluster.now
    try cluster.ask(Produce("a", acknowledgement: .none), of: cluster.agent(0))
    cluster.run(for: .milliseconds(1_500))
    try cluster.ask(Produce("b", acknowledgement: .none), of: cluster.agent(0))
    cluster.run(until: "both are stored") { cluster.watermark() == 2 }
    let age = cluster.settings.agent.segmentAge
    #expect(age...(age + .milliseconds(10)) ~= cluster.now - begin)
    #expect(cluster.manifest().rows.count == 1)
  }

  @Test("are closed sooner when a record waits to be durable, which others do not prolong")
  func durableLinger() throws {
    let cluster = cluster()
    let begin = cluster.now
    let first = cluster.send(Produce("a"), to: cluster.agent(0))
    cluster.run(for: .milliseconds(150))
    let second = cluster.send(Produce("b"), to: cluster.agent(0))
    cluster.run(until: "answers") { first.isThere && second.isThere }
    let linger = cluster.settings.agent.durableLinger
    #expect(linger...(linger + .milliseconds(15)) ~= cluster.now - begin)
    #expect(cluster.manifest().rows.count == 1)
  }

  @Test("are not kept open beyond their age by a record that waits to be durable")
  func ageBeforeLinger() throws {
    let cluster = cluster()
    let begin = cluster.now
    try cluster.ask(Produce("a", acknowledgement: .none), of: cluster.agent(0))
    cluster.run(for: .milliseconds(1_950))
    try cluster.ask(Produce("b"), of: cluster.agent(0))
    #expect(cluster.now - begin < .milliseconds(2_020))
  }

  @Test("have a key of topic, partition, base offset and epoch")
  func key() throws {
    let cluster = cluster()
    try cluster.ask(Produce("a"), of: cluster.agent(0))
    #expect(
      cluster.manifest().rows.map(\.key.description)
        == ["data/1/0/00000000000000000000-00000000000000000001.seg"])
  }
}
