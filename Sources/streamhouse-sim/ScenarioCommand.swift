import ArgumentParser
import Foundation
import Scenarios

/// `scenario`: what there is, what a file means, whether it is right.
struct ScenarioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenario", abstract: "List, show and check scenario files.",
    discussion: "Example: streamhouse-sim scenario show scenarios/quickstart.yaml --seed 7",
    subcommands: [List.self, Show.self, Check.self, Reference.self])

  /// `scenario list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the scenarios of a folder.",
      discussion: "Example: streamhouse-sim scenario list scenarios")

    @Argument(help: "The folder.")
    var folder = "scenarios"

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
      try Console.reportingErrors {
        let entries = try ScenarioLibrary.list(folder)
        if json {
          Console.out(ScenarioLibrary.json(entries))
        } else {
          Console.out(ScenarioLibrary.text(entries))
        }
      }
    }
  }

  /// `scenario show`.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Print a scenario with every field, or with all that a seed draws.",
      discussion: "Example: streamhouse-sim scenario show scenarios/quickstart.yaml --seed 7")

    @OptionGroup var scenario: ScenarioArguments

    @Option(help: "Draw random faults with this seed.")
    var seed: SeedNumber?

    @Flag(help: "Leave out the fields that have their defaults.")
    var changed = false

    func run() throws {
      try Console.reportingErrors {
        let loaded = try scenario.load().scenario
        let shown = seed.map { loaded.resolved(seed: $0.number) } ?? loaded
        Console.out(Scenario.schema.print(shown, fields: changed ? .changed : .all))
      }
    }
  }

  /// `scenario check`.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Check scenario files and what they name.",
      discussion: "Example: streamhouse-sim scenario check scenarios/*.yaml")

    @Argument(help: "The scenario files.")
    var files: [String]

    @Flag(help: "Let `preload` name files outside of the scenario's folder.")
    var allowFilesOutside = false

    func run() throws {
      var isWrong = false
      for file in files {
        var loader = ScenarioLoader()
        loader.allowsFilesOutside = allowFilesOutside
        do {
          _ = try loader.load(file)
          Console.out("\(file): right")
        } catch {
          isWrong = true
          Console.note("\(error)")
        }
      }
      if isWrong { throw Console.exit(65) }
    }
  }

  /// `scenario reference`.
  struct Reference: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reference", abstract: "Print the reference of scenario files as Markdown.",
      discussion: "Example: streamhouse-sim scenario reference > docs/scenario-format.md")

    func run() { Console.out(Scenario.schema.markdown(title: "Scenario files")) }
  }
}
