import Simulation

extension Format where Value == VirtualDuration {
  /// A duration, such as `250ms`.
  static func time(in limits: ClosedRange<VirtualDuration>) -> Format {
    let inner = Format<Int64>.duration(in: limits.lowerBound.nanoseconds...limits.upperBound.nanoseconds)
    return Format(
      type: inner.type, limits: inner.limits,
      read: { cursor, base in inner.read(cursor, base?.nanoseconds).map { VirtualDuration(nanoseconds: $0) } },
      write: { inner.write($0.nanoseconds) })
  }
}

extension VirtualDuration {
  static let hour = VirtualDuration.seconds(3_600)
  static let day = VirtualDuration.seconds(86_400)
}
