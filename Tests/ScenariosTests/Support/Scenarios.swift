import Foundation
import Simulation
import Testing

@testable import Scenarios

/// Reads a scenario from a text; its errors fail the test.
func scenario(_ text: String, _ overrides: String...) throws -> Scenario {
  try Scenario.schema.decode(Array(text.utf8), file: "s.yaml", overrides: overrides.map { Override($0) }).value
}

/// What is wrong with a scenario's text, a line each.
func headlines(_ text: String, _ overrides: String...) -> [String] {
  do {
    _ = try Scenario.schema.decode(Array(text.utf8), file: "s.yaml", overrides: overrides.map { Override($0) })
    return []
  } catch {
    return error.errors.map(\.headline)
  }
}

extension Scenario {
  /// The scenario printed as a file would have it.
  var printed: String { Scenario.schema.print(self, fields: .changed) }

  /// A run of the scenario, without looking left or right.
  func run(seed: UInt64? = nil, preloaded: [PreloadedFile] = [], _ change: (inout RunOptions) -> Void = { _ in })
    throws -> RunResult
  {
    var options = RunOptions()
    options.seed = seed
    change(&options)
    return try ScenarioRun(self, preloaded: preloaded, options: options).run()
  }
}

/// The files of the repository.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let scenarios = root.appendingPathComponent("scenarios").path
  static let golden = root.appendingPathComponent("Tests/StorageTests/Fixtures/golden")

  /// The scenario library, by names of files.
  static let library: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: scenarios)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }()

  static func load(_ name: String, _ overrides: String...) throws -> LoadedScenario {
    try ScenarioLoader().load("\(scenarios)/\(name).yaml", overrides: overrides)
  }
}

/// A folder that is there for one test.
struct TemporaryFolder: ~Copyable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("scenario-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

  func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
}

/// A small cluster with everything in it, over quickly: two agents, both kinds of producers, a consumer, `seconds` long.
func smallCluster(seconds: Int = 6, _ more: String = "") -> String {
  """
  name: small
  duration: \(seconds)s
  cluster:
    agents: 2
  metadata:
    leaseTerm: 3s
    agentTimeout: 2s
    assignmentDelay: 500ms
  agent:
    heartbeatInterval: 500ms
    leaseMargin: 300ms
    renewalInterval: 1s
    segmentAge: 1s
  topics:
    orders:
      partitions: 2
  producers:
    - topic: orders
      count: 2
      rate: 20/s
      acknowledgement: buffered
      linger: 20ms
    - topic: orders
      rate: 20/s
      acknowledgement: durable
      idempotent: true
      linger: 20ms
  consumers:
    - topic: orders
      group: readers
  \(more)
  """
}
