import Scenarios

/// A page about a run.
public struct HTMLReport: Sendable {
  /// The page.
  public let html: String

  /// Prepares the page.
  public init(_ result: RunResult, replay: String) { html = "" }
}
