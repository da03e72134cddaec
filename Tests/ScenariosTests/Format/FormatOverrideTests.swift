import Testing

@testable import Scenarios

@Suite struct FormatOverrideTests {
  @Test func anOverrideSetsANestedField() throws {
    let value = try sample("name: x\nagents: {count: 2}", "agents.leaseTerm=5s", "name=y", "seed=7")
    #expect(value.agents == SampleAgents(count: 2, leaseTerm: 5_000_000_000))
    #expect(value.name == "y" && value.seed == 7)
  }

  @Test func entriesAreFoundByIndexOrName() throws {
    let text = "name: x\nproducers: [{name: p}, {name: q}]\ntopics: {orders: {}, bills: {}}\n"
    let value = try sample(text, "producers[0].count=10", "producers[q].count=20", "topics[bills].partitions=3")
    #expect(value.producers.map(\.count) == [10, 20])
    #expect(value.topics.map(\.partitions) == [1, 3])
  }

  @Test func entriesOfDefaultListsCanBeSet() throws {
    let value = try sample("name: x", "topics[orders].partitions=9", "zones[1]=c")
    #expect(value.topics == [SampleTopic(name: "orders", partitions: 9)])
    #expect(value.zones == ["a", "c"])
  }

  @Test func aWholeSectionIsSetInFlowStyle() throws {
    let text = "name: x\nfaults: [{kind: loss, at: 1s}]\n"
    #expect(try sample(text, "faults=[]").faults.isEmpty)
    #expect(
      try sample(text, "store={kind: remote, latency: 1s}").store
        == .remote(.init(latency: 1_000_000_000...1_000_000_000)))
    #expect(try sample(text, "retries.attempts=3").retries == SampleRetries(attempts: 3))
    #expect(try sample(text, "retries=none", "about=").retries == nil)
  }

  @Test(arguments: [
    ("agents.leasTerm=5s", "8: unknown key `leasTerm`; did you mean `leaseTerm`?"),
    ("agents.leaseTerm=5", "18: `5` has no unit; write a duration like 10s"),
    (
      "agents.leaseTerm",
      "17: there is no `=` and value; write something like agent.leaseTerm=5s or topics[orders].partitions=3"
    ),
    ("=5", "1: the path is malformed; write something like agent.leaseTerm=5s or topics[orders].partitions=3"),
    ("", "1: there is no `=` and value; write something like agent.leaseTerm=5s or topics[orders].partitions=3"),
    ("a..b=1", "3: the path is malformed; write something like agent.leaseTerm=5s or topics[orders].partitions=3"),
    ("a[=1", "2: the path is malformed; write something like agent.leaseTerm=5s or topics[orders].partitions=3"),
    ("topics[order].partitions=3", "8: there is no entry `order`; did you mean `orders`?"),
    ("zones[2]=c", "7: there is no entry `2`; there are entries 0 to 1"),
    ("producers[0].count=1", "11: there is no entry `0`; there are no entries"),
    ("name.first=1", "6: `first` is looked for in a single value; only sections have keys"),
    (
      "about=*a",
      "7: anchors and aliases (`&name`, `*name`) are not understood; write the value out, or put quotes around a text that begins so"
    ),
    ("faults=[{kind: loss}]", "9: a fault has either `at` or `every`; give one of them"),
  ])
  func aWrongOverrideIsItsOwnPlace(text: String, complaint: String) {
    #expect(errors("name: x", text).map(\.headline) == ["--set \(text):1:\(complaint)"])
  }
}
