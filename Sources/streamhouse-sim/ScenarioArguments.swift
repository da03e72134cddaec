import ArgumentParser
import Scenarios

/// What every verb that takes a scenario understands.
struct ScenarioArguments: ParsableArguments {
  @Argument(help: "The scenario file.")
  var file: String

  @Option(name: .customLong("set"), help: ArgumentHelp("Replace a field of the scenario.", valueName: "path=value"))
  var overrides: [String] = []

  @Flag(help: "Let the scenario's `preload` name files outside of its folder.")
  var allowFilesOutside = false

  func load() throws -> LoadedScenario {
    var loader = ScenarioLoader()
    loader.allowsFilesOutside = allowFilesOutside
    return try loader.load(file, overrides: overrides)
  }

  /// The arguments as they have to be typed again.
  var words: [String] {
    [file.quotedForShell] + overrides.flatMap { ["--set", $0.quotedForShell] }
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
