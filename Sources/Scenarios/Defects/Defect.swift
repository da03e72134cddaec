import Nodes

/// A defect of the original StreamHouse: what it leaves out or does otherwise, and what comes of it.
public struct Defect: Sendable {
  /// The name.
  public let name: DefectName
  /// What the original does.
  public let original: String
  /// By what it shows.
  public let breaks: DefectSign
  /// How it comes about.
  public let interleaving: String
  /// The scenario of the library that shows it.
  public let scenario: String
  /// The safeguards that it removes.
  let removes: Safeguards
  /// The behaviours that it swaps, of whichever role.
  let swap: @Sendable (inout Scenario) -> Void

  /// Makes a row of the catalogue.
  init(
    name: DefectName, original: String, breaks: DefectSign, interleaving: String, scenario: String,
    removes: Safeguards, swap: @escaping @Sendable (inout Scenario) -> Void = { _ in }
  ) {
    self.name = name
    self.original = original
    self.breaks = breaks
    self.interleaving = interleaving
    self.scenario = scenario
    self.removes = removes
    self.swap = swap
  }

  /// Makes a row of a defect that breaks an invariant.
  init(
    name: DefectName, original: String, breaks invariant: InvariantName, interleaving: String, scenario: String,
    removes: Safeguards, swap: @escaping @Sendable (inout Scenario) -> Void = { _ in }
  ) {
    self.init(
      name: name, original: original, breaks: .invariant(invariant), interleaving: interleaving, scenario: scenario,
      removes: removes, swap: swap)
  }

  /// Switches the defect on.
  func apply(to scenario: inout Scenario) {
    scenario.agent.safeguards.subtract(removes)
    scenario.metadata.safeguards.subtract(removes)
    scenario.maintainer.safeguards.subtract(removes)
    scenario.changeReaders { $0.safeguards.subtract(removes) }
    scenario.changeProducers { $0.safeguards.subtract(removes) }
    swap(&scenario)
  }
}

extension Scenario {
  /// Changes the figures of every producer that has a group of its own.
  mutating func changeProducers(_ change: (inout ProducerConfiguration) -> Void) {
    for index in producers.indices { change(&producers[index].client) }
  }

  /// Changes the figures of every consumer, whoever uses it.
  mutating func changeReaders(_ change: (inout ConsumerConfiguration) -> Void) {
    for index in consumers.indices { change(&consumers[index].client) }
    for index in pipelines.indices { change(&pipelines[index].consumer) }
    for index in lifecycles.indices { change(&lifecycles[index].reader) }
  }
}
