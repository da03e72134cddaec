import Foundation
import Storage

/// A scenario with the files that it names.
public struct LoadedScenario: Sendable {
  /// The scenario.
  public private(set) var scenario: Scenario
  /// Its segment files, read and checked.
  public let preloaded: [PreloadedFile]

  /// Wraps a scenario that was made in code.
  public init(_ scenario: Scenario, preloaded: [PreloadedFile] = []) {
    self.scenario = scenario
    self.preloaded = preloaded
  }

  /// The scenario in a swarm: with faults of every kind besides its own. What it expects to see is left out, since no seed promises it any more; every invariant still has to hold.
  public var inSwarm: LoadedScenario {
    var swarmed = self
    if scenario.swarm == nil { swarmed.scenario.swarm = SwarmPlan() }
    swarmed.scenario.expect = Expectation()
    return swarmed
  }
}

/// Reads scenario files and what they name.
///
/// Scenarios may come from strangers: files are read only below the scenario's own folder unless the caller allows otherwise, and sizes have limits.
public struct ScenarioLoader: Sendable {
  /// Whether `preload` may name files outside of the scenario's folder.
  public var allowsFilesOutside = false
  /// The largest scenario file in bytes.
  public static let scenarioLimit = 1 << 20
  /// The largest segment file in bytes.
  public static let segmentLimit = 256 << 20

  /// Makes a loader that stays within the scenario's folder.
  public init() {}

  /// Reads a scenario and its files.
  ///
  /// - Parameter overrides: `path=value` texts that replace fields.
  /// - Throws: ``ScenarioErrors`` with file, line and column of each thing that is wrong.
  public func load(_ path: String, overrides: [String] = []) throws(ScenarioErrors) -> LoadedScenario {
    let bytes = try read(path, limit: Self.scenarioLimit)
    let decoded = try Scenario.schema.decode(bytes, file: path, overrides: overrides.map { Override($0) })
    var preloaded: [PreloadedFile] = []
    var errors: [ScenarioError] = []
    for (index, preload) in decoded.value.preload.enumerated() {
      do {
        preloaded.append(try self.preload(preload, besides: path))
      } catch {
        errors.append(decoded.error(at: "preload[\(index)].file", error.message, remedy: error.remedy))
      }
    }
    if !errors.isEmpty { throw ScenarioErrors(errors) }
    return LoadedScenario(decoded.value, preloaded: preloaded)
  }

  /// Reads a scenario, or all scenarios of a folder by name.
  ///
  /// - Throws: ``ScenarioErrors`` with file, line and column of each thing that is wrong.
  public func loadAll(_ path: String, overrides: [String] = []) throws(ScenarioErrors) -> [(
    file: String, loaded: LoadedScenario
  )] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      return [(path, try load(path, overrides: overrides))]
    }
    var all: [(file: String, loaded: LoadedScenario)] = []
    for entry in try ScenarioLibrary.list(path) { all.append((entry.file, try load(entry.file, overrides: overrides))) }
    return all
  }

  private struct PreloadProblem: Error {
    let message: String
    let remedy: String
  }

  private func preload(_ preload: Preload, besides path: String) throws(PreloadProblem) -> PreloadedFile {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().resolvingSymlinksInPath()
    let file = URL(fileURLWithPath: preload.file, relativeTo: folder).absoluteURL.resolvingSymlinksInPath()
    let isBelow = file.pathComponents.starts(with: folder.pathComponents) && !preload.file.hasPrefix("/")
    if !isBelow && !allowsFilesOutside {
      throw PreloadProblem(
        message: "`\(preload.file)` is not below the scenario's folder",
        remedy: "move the file there, or allow it with --allow-files-outside")
    }
    let bytes: [UInt8]
    do {
      bytes = try read(file.path, limit: Self.segmentLimit)
    } catch {
      throw PreloadProblem(
        message: "\(error.errors.first?.message ?? "it cannot be read")", remedy: "name a segment file")
    }
    do {
      return try PreloadedFile(preload, bytes: bytes)
    } catch {
      throw PreloadProblem(
        message: "`\(preload.file)` is not a segment that a log can hold: \(error)", remedy: "name an undamaged segment"
      )
    }
  }

  /// Reads a file that must be a plain one of limited size.
  func read(_ path: String, limit: Int) throws(ScenarioErrors) -> [UInt8] {
    func problem(_ message: String, _ remedy: String) -> ScenarioErrors {
      ScenarioErrors([
        ScenarioError(
          at: Place(source: SourceText(name: path, text: ""), line: 1, column: 1), message: message, remedy: remedy)
      ])
    }
    guard
      let attributes = try? FileManager.default.attributesOfItem(
        atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
    else {
      throw problem("there is no such file", "check the path")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      throw problem("this is not a plain file", "name a file")
    }
    let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
    guard size <= limit else { throw problem("the file has \(size) bytes, more than \(limit)", "a smaller file") }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw problem("the file cannot be read", "check its permissions")
    }
    return [UInt8](data)
  }
}
