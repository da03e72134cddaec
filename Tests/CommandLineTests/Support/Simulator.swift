import Foundation
import Testing

/// The simulator as people run it: a process of its own.
struct Simulator {
  let binary: String

  /// The debug build: the one named by the environment, else the one beside the tests.
  static let debug = Simulator(
    binary: ProcessInfo.processInfo.environment["STREAMHOUSE_DEBUG_BINARY"]
      ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("streamhouse-sim").path)

  /// The release build, when the environment names one.
  static let release = ProcessInfo.processInfo.environment["STREAMHOUSE_RELEASE_BINARY"].map { Simulator(binary: $0) }

  /// The quicker of the two.
  static let quick = release ?? debug

  /// What a process came to.
  struct Outcome {
    let status: Int32
    let out: String
    let errors: String

    var document: [String: Any]? {
      try? JSONSerialization.jsonObject(with: Data(out.utf8)) as? [String: Any]
    }
  }

  /// Runs the simulator; two minutes end one that hangs.
  func callAsFunction(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
    try run(arguments, environment: environment)
  }

  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    let folder = try Folder()
    let (out, errors) = (try folder.write("out", ""), try folder.write("errors", ""))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["timeout", "120", binary] + arguments
    process.currentDirectoryURL = Repository.root
    var variables = ProcessInfo.processInfo.environment
    // Fixed hashing would hide every decision that hangs on the order of a set; printing backtraces takes long.
    variables["SWIFT_DETERMINISTIC_HASHING"] = nil
    variables["SWIFT_BACKTRACE"] = "enable=no"
    process.environment = variables.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: out)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, out: try String(contentsOfFile: out, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8))
  }
}

/// The files of the repository.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let golden = root.appendingPathComponent("Tests/StorageTests/Fixtures/golden").path
}

/// A folder that is there for one test.
final class Folder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("command-line-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
    return path(name)
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: url.appendingPathComponent(name)) }
}

/// A scenario that runs in a moment.
func moment(_ more: String = "") -> String {
  """
  name: moment
  duration: 2s
  cluster: {agents: 2}
  topics: {orders: {partitions: 2}}
  producers: [{topic: orders, rate: 20/s, acknowledgement: durable, idempotent: true}]
  consumers: [{topic: orders, group: readers}]
  \(more)
  """
}
