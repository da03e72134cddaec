/// What offsets were seen to hold, the first observation of each: a word an offset where they are dense, and no memory for wide gaps between them.
struct SeenContents {
  private struct Run {
    var start: UInt64
    /// One word an offset, 0 where nothing was seen.
    var contents: [UInt64]
  }

  /// Gaps up to this many offsets are filled; wider ones begin a new run.
  private static let fillsGaps: UInt64 = 1_024
  /// In order of their starts.
  private var runs: [Run] = []

  /// Notes what an offset holds; returns what it held before when that was something else.
  mutating func put(_ content: UInt64, at offset: UInt64) -> UInt64? {
    guard let place = run(reaching: offset) else {
      let place = runs.firstIndex { $0.start > offset } ?? runs.count
      runs.insert(Run(start: offset, contents: [content]), at: place)
      return nil
    }
    let index = Int(offset - runs[place].start)
    if index >= runs[place].contents.count {
      if index > runs[place].contents.count {
        runs[place].contents.append(contentsOf: repeatElement(0, count: index - runs[place].contents.count))
      }
      runs[place].contents.append(content)
      return nil
    }
    let before = runs[place].contents[index]
    if before == 0 {
      runs[place].contents[index] = content
      return nil
    }
    return before == content ? nil : before
  }

  /// Calls `body` with each offset that was seen and what it held, in order.
  func forEach(_ body: (_ offset: UInt64, _ content: UInt64) -> Void) {
    for run in runs {
      for (index, content) in run.contents.enumerated() where content != 0 { body(run.start + UInt64(index), content) }
    }
  }

  /// The run that an offset lies in, or close enough behind.
  private func run(reaching offset: UInt64) -> Int? {
    guard let last = runs.last else { return nil }
    // Nearly always the newest: logs are read forward.
    let place = last.start <= offset ? runs.count - 1 : runs.lastIndex { $0.start <= offset }
    guard let place else { return nil }
    let behind = offset - runs[place].start
    return behind <= UInt64(runs[place].contents.count) + Self.fillsGaps ? place : nil
  }
}
