import ArgumentParser
import Scenarios

/// Seeds as people write them: `7` or `1...200`.
struct SeedRange: ExpressibleByArgument {
  let seeds: ClosedRange<UInt64>

  init?(argument: String) {
    let parts = argument.split(separator: ".", omittingEmptySubsequences: true)
    guard argument.allSatisfy({ $0.isNumber || $0 == "." }), let first = parts.first.flatMap({ UInt64($0) }),
      first < Seeds.bound
    else { return nil }
    switch parts.count {
    case 1 where !argument.contains("."): seeds = first...first
    case 2:
      guard argument.contains("..."), let last = UInt64(parts[1]), first <= last, last < Seeds.bound else { return nil }
      seeds = first...last
    default: return nil
    }
  }

  var defaultValueDescription: String { "\(seeds.lowerBound)...\(seeds.upperBound)" }
}
