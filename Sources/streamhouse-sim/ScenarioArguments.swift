import ArgumentParser
import Scenarios

/// What every verb that takes a scenario understands.
struct ScenarioArguments: ParsableArguments {
  @Argument(help: "The scenario file; for a sweep also a folder, whose scenarios are taken in turn, a seed each.")
  var file: String

  @Option(name: .customLong("set"), help: ArgumentHelp("Replace a field of the scenario.", valueName: "path=value"))
  var overrides: [String] = []

  @Flag(help: "Let the scenario's `preload` name files outside of its folder.")
  var allowFilesOutside = false

  @Flag(help: "Add faults of every kind, drawn from the seed; what the scenario expects to see is left out.")
  var swarm = false

  func load() throws -> LoadedScenario {
    let loaded = try loader.load(file, overrides: overrides)
    return swarm ? loaded.inSwarm : loaded
  }

  /// The scenarios that a sweep takes in turn. In a swarm those with defects are left out: they are there to fail.
  func loadAll() throws -> [(file: String, loaded: LoadedScenario)] {
    let all = try loader.loadAll(file, overrides: overrides)
    guard swarm else { return all }
    let sound = all.count > 1 ? all.filter { $0.loaded.scenario.defects.isEmpty } : all
    return sound.map { ($0.file, $0.loaded.inSwarm) }
  }

  private var loader: ScenarioLoader {
    var loader = ScenarioLoader()
    loader.allowsFilesOutside = allowFilesOutside
    return loader
  }

  /// The arguments as they have to be typed again.
  var words: [String] { words(for: file) }

  /// The arguments for one of the scenarios of a sweep.
  func words(for file: String) -> [String] {
    [file.quotedForShell] + (swarm ? ["--swarm"] : []) + overrides.flatMap { ["--set", $0.quotedForShell] }
      + (allowFilesOutside ? ["--allow-files-outside"] : [])
  }
}

extension String {
  /// The text as one word of a shell.
  var quotedForShell: String {
    let plain = utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: Array("-_./=:@%+,".utf8).contains(byte)
      }
    }
    return plain && !isEmpty
      ? self : "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
