import Foundation

/// A worker process of a sweep: reads a seed a line, writes what its run came to, a line each.
public enum SweepWorker {
  /// Works until the input ends.
  public static func work(_ loaded: LoadedScenario, wallClock: @escaping () -> UInt64, maxWallNanoseconds: UInt64?) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    while let line = readLine() {
      guard let seed = UInt64(line) else { continue }
      var options = RunOptions()
      options.seed = seed
      options.wallClock = wallClock
      options.maxWallNanoseconds = maxWallNanoseconds
      let run: SweepRun
      do {
        run = SweepRun(try Runner.run(loaded, options))
      } catch {
        run = SweepRun(seed: seed, verdict: "defect", summary: "\(error.defect)")
      }
      guard var data = try? encoder.encode(run) else { continue }
      data.append(10)
      FileHandle.standardOutput.write(data)
    }
  }
}
