import Nodes

/// The catalogue of metrics as a document.
public enum MetricReference {
  /// The catalogue as Markdown.
  public static var markdown: String {
    var lines = [
      "# Metrics", "",
      "Every role of a cluster has metrics, sampled in virtual time with `streamhouse-sim run SCENARIO --metrics FILE`. A",
      "file whose name ends in `.jsonl` gets JSON Lines, any other one OpenMetrics' text format. Samples are taken at every",
      "multiple of `--metrics-interval` (a second when it is not given) and at the end of the run; a run that is sampled has",
      "the digest of one that is not. Each sample also names the `host` and the `incarnation` of its process: counters begin",
      "at 0 with each incarnation.", "",
      "This page is what `streamhouse-sim metrics` prints.",
    ]
    for role in MetricRole.allCases {
      lines += ["", "## \(role.title)", "", "| Metric | Kind | Labels | Meaning |", "| --- | --- | --- | --- |"]
      lines += MetricCatalogue.of(role).map { metric in
        let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
        return "| `\(metric.name)` | \(metric.kind.rawValue) | \(labels) | \(metric.description) |"
      }
    }
    return lines.joined(separator: "\n")
  }
}
