/// A sequence of object numbers as consumers ask a cache for them; all objects are of one size.
public struct CacheTrace: Sendable {
  /// What the trace is called in figures.
  public let name: String
  /// How many objects the cache holds.
  public let capacity: Int
  /// The objects asked for.
  public let requests: [Int]

  /// The traces that policies are compared with.
  public static func all() -> [CacheTrace] { [zipf(), scanWithHotSet(), tailingConsumers()] }

  /// Popularity falls with rank (Zipf, exponent 1): 20,000 objects, a cache of 1,000.
  public static func zipf() -> CacheTrace {
    var generator = LinearGenerator()
    var weights: [Double] = []
    var sum = 0.0
    for rank in 1...20_000 {
      sum += 1 / Double(rank)
      weights.append(sum)
    }
    let requests = (0..<200_000).map { _ in
      let target = Double(generator.below(1 << 30)) / Double(1 << 30) * sum
      var low = 0
      var high = weights.count - 1
      while low < high {
        let middle = (low + high) / 2
        if weights[middle] < target { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return CacheTrace(name: "zipf", capacity: 1000, requests: requests)
  }

  /// Every other request is for one of 600 hot objects, the others go through fresh ones; a cache of 1,000.
  public static func scanWithHotSet() -> CacheTrace {
    var generator = LinearGenerator()
    let requests = (0..<200_000).map { place in place % 2 == 0 ? generator.below(600) : 1000 + place }
    return CacheTrace(name: "scan", capacity: 1000, requests: requests)
  }

  /// Segments of a log: eight consumers follow its end within the last 20, three go through old ones; a cache of 64.
  ///
  /// Every step adds a segment, every following consumer reads each once, and those behind read four a step, each from
  /// a place of its own.
  public static func tailingConsumers() -> CacheTrace {
    var generator = LinearGenerator()
    var requests: [Int] = []
    var behind = [0, 6_000, 12_000]
    for step in 20_000..<24_000 {
      for consumer in 0..<8 {
        requests.append(step - consumer * 2 - generator.below(3))
      }
      for place in behind.indices {
        for _ in 0..<4 {
          requests.append(behind[place])
          behind[place] += 1
        }
      }
    }
    return CacheTrace(name: "tailing", capacity: 64, requests: requests)
  }
}
