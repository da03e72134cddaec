import Simulation

/// How long the object store takes to the first byte of an answer.
///
/// A mixture: log-normal around a median, with a small share of requests the same times a factor, and a very small share that stall for a uniformly drawn time. Drawn from fixed quantile tables in integer arithmetic, since the C library's logarithm and exponential differ between versions.
public struct LatencyModel: Sendable, Hashable {
  /// The middle of the body.
  public var median: VirtualDuration
  /// The spread of the body.
  public var spread: Spread
  /// The share of requests in the tail, in parts per million.
  public var tailPartsPerMillion: UInt32
  /// How many times longer those take.
  public var tailFactor: Int64
  /// The share of requests that stall, in parts per million.
  public var stallPartsPerMillion: UInt32
  /// How long a stall may take.
  public var stall: ClosedRange<VirtualDuration>

  /// The standard deviation of the logarithm of the body.
  public enum Spread: Sendable, Hashable, CaseIterable {
    /// No spread: always the median.
    case none
    /// σ = 0.30.
    case narrow
    /// σ = 0.40.
    case moderate
    /// σ = 0.60.
    case wide

    /// Quantiles of the log-normal distribution with median 1,024, at every 64th; the outermost at 0.05 % and 99.95 %.
    var quantiles: [Int64] {
      switch self {
      case .none: []
      case .narrow: LatencyTables.narrow
      case .moderate: LatencyTables.moderate
      case .wide: LatencyTables.wide
      }
    }
  }

  /// Draws a time to first byte.
  func draw(_ bits: UInt64) -> VirtualDuration {
    var generator = RandomGenerator(state: bits)
    if generator.happens(partsPerMillion: stallPartsPerMillion) { return generator.duration(in: stall) }
    var latency = median
    let quantiles = spread.quantiles
    if !quantiles.isEmpty {
      let position = generator.below(UInt64(quantiles.count - 1) << 16)
      let index = Int(position >> 16)
      let fraction = Int64(position & 0xFFFF)
      let scale = quantiles[index] << 16 + (quantiles[index + 1] - quantiles[index]) * fraction
      latency = VirtualDuration(nanoseconds: ((median.nanoseconds >> 10) * (scale >> 10)) >> 6)
    }
    if generator.happens(partsPerMillion: tailPartsPerMillion) { latency = latency * tailFactor }
    return latency
  }
}

/// Named figures for puts and gets; the sources are in the documentation of each.
public enum ObjectStorePreset: String, Sendable, Hashable, CaseIterable {
  /// One millisecond, always: for tests.
  case instant
  /// A quiet S3 Standard bucket: put median 60 ms, get median 30 ms.
  case calm
  /// S3 Standard under load: puts fitted to a published sample of 10.2 million part uploads, median 74 ms with a heavy tail.
  case loaded
  /// S3 Express One Zone: median 5 ms.
  case express

  /// The latency of requests that write.
  public var put: LatencyModel {
    switch self {
    case .instant: .constant(.milliseconds(1))
    case .calm:
      LatencyModel(
        median: .milliseconds(60), spread: .moderate, tailPartsPerMillion: 20_000, tailFactor: 4,
        stallPartsPerMillion: 300, stall: .seconds(2)...(.seconds(6)))
    case .loaded:
      LatencyModel(
        median: .milliseconds(74), spread: .wide, tailPartsPerMillion: 95_000, tailFactor: 10,
        stallPartsPerMillion: 2_500, stall: .seconds(5)...(.milliseconds(15_500)))
    case .express: Self.expressLatency
    }
  }

  /// The latency of requests that read.
  public var get: LatencyModel {
    switch self {
    case .instant: .constant(.milliseconds(1))
    case .calm, .loaded:
      LatencyModel(
        median: .milliseconds(30), spread: .moderate, tailPartsPerMillion: 20_000, tailFactor: 4,
        stallPartsPerMillion: 200, stall: .seconds(1)...(.seconds(4)))
    case .express: Self.expressLatency
    }
  }

  private static let expressLatency = LatencyModel(
    median: .milliseconds(5), spread: .narrow, tailPartsPerMillion: 10_000, tailFactor: 4,
    stallPartsPerMillion: 100, stall: .milliseconds(100)...(.seconds(1)))
}

extension LatencyModel {
  /// Always the same.
  static func constant(_ latency: VirtualDuration) -> LatencyModel {
    LatencyModel(
      median: latency, spread: .none, tailPartsPerMillion: 0, tailFactor: 1, stallPartsPerMillion: 0,
      stall: latency...latency)
  }
}

/// Quantiles at 0.05 %, 1/64, 2/64 … 63/64, 99.95 %: round(1024 · exp(σ · Φ⁻¹(p))).
private enum LatencyTables {
  static let narrow: [Int64] = [
    382, 537, 586, 619, 646, 669, 690, 708, 725, 741, 756, 771, 785, 798, 811, 824, 836, 849, 861, 873, 884, 896, 908,
    919, 931, 942, 954, 965, 977, 988, 1000, 1012, 1024, 1036, 1048, 1061, 1073, 1086, 1100, 1113, 1127, 1141, 1155,
    1170, 1186, 1202, 1218, 1236, 1254, 1273, 1293, 1314, 1336, 1360, 1386, 1415, 1446, 1481, 1521, 1567, 1622, 1693,
    1791, 1954, 2748,
  ]
  static let moderate: [Int64] = [
    275, 433, 486, 524, 554, 581, 604, 626, 646, 665, 684, 701, 718, 735, 751, 766, 782, 797, 812, 827, 842, 857, 872,
    887, 901, 916, 931, 946, 962, 977, 992, 1008, 1024, 1040, 1057, 1073, 1091, 1108, 1126, 1144, 1163, 1183, 1203,
    1224, 1245, 1268, 1291, 1315, 1341, 1368, 1397, 1427, 1460, 1495, 1534, 1576, 1622, 1675, 1735, 1805, 1891, 2002,
    2157, 2424, 3819,
  ]
  static let wide: [Int64] = [
    142, 281, 335, 375, 408, 437, 464, 490, 514, 536, 559, 580, 601, 622, 643, 663, 683, 703, 723, 744, 764, 784, 804,
    825, 846, 867, 888, 910, 932, 954, 977, 1000, 1024, 1048, 1073, 1099, 1125, 1153, 1181, 1210, 1240, 1271, 1304,
    1337, 1373, 1410, 1449, 1491, 1535, 1582, 1632, 1685, 1744, 1807, 1877, 1955, 2042, 2142, 2258, 2397, 2571, 2799,
    3131, 3729, 7375,
  ]
}
