/// A length of virtual time in whole nanoseconds.
public struct VirtualDuration: Sendable, Hashable, Comparable {
  /// The length in nanoseconds; negative lengths are legal in arithmetic.
  public var nanoseconds: Int64

  /// Makes a length from nanoseconds.
  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// No time at all.
  public static let zero = VirtualDuration(nanoseconds: 0)

  /// A length in nanoseconds.
  @inlinable public static func nanoseconds(_ count: Int64) -> Self { Self(nanoseconds: count) }
  /// A length in microseconds.
  @inlinable public static func microseconds(_ count: Int64) -> Self { Self(nanoseconds: count * 1_000) }
  /// A length in milliseconds.
  @inlinable public static func milliseconds(_ count: Int64) -> Self { Self(nanoseconds: count * 1_000_000) }
  /// A length in seconds.
  @inlinable public static func seconds(_ count: Int64) -> Self { Self(nanoseconds: count * 1_000_000_000) }

  /// Whether one length is shorter than another.
  @inlinable public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
  /// The sum of two lengths.
  @inlinable public static func + (left: Self, right: Self) -> Self {
    Self(nanoseconds: left.nanoseconds + right.nanoseconds)
  }
  /// The difference of two lengths.
  @inlinable public static func - (left: Self, right: Self) -> Self {
    Self(nanoseconds: left.nanoseconds - right.nanoseconds)
  }
  /// A multiple of a length.
  @inlinable public static func * (left: Self, right: Int64) -> Self { Self(nanoseconds: left.nanoseconds * right) }
  /// A fraction of a length, rounded toward zero.
  @inlinable public static func / (left: Self, right: Int64) -> Self { Self(nanoseconds: left.nanoseconds / right) }
}

/// A point in virtual time: nanoseconds since the run began, or since a host's clock was set.
public struct VirtualTime: Sendable, Hashable, Comparable {
  /// Nanoseconds since the start.
  public var nanoseconds: Int64

  /// Makes a point from nanoseconds since the start.
  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The beginning of a run.
  public static let start = VirtualTime(nanoseconds: 0)
  /// Later than everything.
  public static let distantFuture = VirtualTime(nanoseconds: .max)

  /// Whether one point is earlier than another.
  @inlinable public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
  /// A later point.
  @inlinable public static func + (left: Self, right: VirtualDuration) -> Self {
    Self(nanoseconds: left.nanoseconds + right.nanoseconds)
  }
  /// An earlier point.
  @inlinable public static func - (left: Self, right: VirtualDuration) -> Self {
    Self(nanoseconds: left.nanoseconds - right.nanoseconds)
  }
  /// The time between two points.
  @inlinable public static func - (left: Self, right: Self) -> VirtualDuration {
    VirtualDuration(nanoseconds: left.nanoseconds - right.nanoseconds)
  }

  /// Seconds since the start, for figures and charts only.
  public var seconds: Double { Double(nanoseconds) / 1_000_000_000 }
}

extension VirtualDuration: CustomStringConvertible {
  /// The length in the largest unit that is exact, such as `1500ms`.
  public var description: String {
    for (unit, size) in [("s", Int64(1_000_000_000)), ("ms", 1_000_000), ("us", 1_000)]
    where nanoseconds % size == 0 {
      return "\(nanoseconds / size)\(unit)"
    }
    return "\(nanoseconds)ns"
  }

  /// The length in seconds, for figures and charts only.
  public var seconds: Double { Double(nanoseconds) / 1_000_000_000 }
}

extension VirtualTime: CustomStringConvertible {
  /// Seconds with three decimals, such as `12.345s`, rounded down.
  public var description: String {
    let milliseconds = nanoseconds / 1_000_000
    let fraction = String(milliseconds % 1_000)
    return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction + "s"
  }
}
