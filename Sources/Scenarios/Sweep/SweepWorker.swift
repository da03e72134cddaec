import Foundation

/// A worker process of a sweep: reads a seed a line, writes what its run came to, a line each.
public enum SweepWorker {
  /// Works until the input ends; of several scenarios a seed takes the one whose turn it is.
  public static func work(_ scenarios: [LoadedScenario], wallClock: @escaping () -> UInt64, maxWallNanoseconds: UInt64?)
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    while let line = readLine() {
      guard let seed = UInt64(line) else { continue }
      let loaded = scenarios[turn(of: seed, among: scenarios.count)]
      var options = RunOptions()
      options.seed = seed
      options.wallClock = wallClock
      // A sweep tells none.
      options.measuresLatencies = false
      options.maxWallNanoseconds = maxWallNanoseconds
      let run: SweepRun
      do {
        run = SweepRun(try Runner.run(loaded, options))
      } catch {
        run = SweepRun(
          seed: seed, scenario: loaded.scenario.name, verdict: "defect", summary: "\(error.defect)")
      }
      guard var data = try? encoder.encode(run) else { continue }
      data.append(10)
      // A sweep that is gone wants no more runs.
      guard (try? FileHandle.standardOutput.write(contentsOf: data)) != nil else { return }
    }
  }

  /// Which of so many scenarios a seed runs.
  public static func turn(of seed: UInt64, among count: Int) -> Int { Int(seed % UInt64(max(count, 1))) }
}
