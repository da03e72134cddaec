import ArgumentParser
import Nodes
import Report

/// `object-store`: answers operations on a bucket, for a comparison with another object store; not for people.
struct ObjectStoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "object-store", abstract: "Answer operations on a bucket, a line of JSON each.",
    discussion: "Example: echo '{\"op\": \"get\", \"key\": \"a\"}' | streamhouse-sim object-store",
    shouldDisplay: false)

  @Option(help: ArgumentHelp("The smallest part of an upload but its last.", valueName: "bytes"))
  var minimumPartBytes: Int?

  func run() throws {
    try Console.reportingErrors {
      var limits = BucketLimits()
      if let minimumPartBytes { limits.minimumPartBytes = minimumPartBytes }
      var dialogue = BucketDialogue(limits: limits)
      var number = 0
      while let line = readLine() {
        number += 1
        do {
          Console.out(try dialogue.answer(line))
        } catch {
          throw UnusableInput("standard input:\(number):1: \(error)")
        }
      }
    }
  }
}
