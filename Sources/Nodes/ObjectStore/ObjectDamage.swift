import Simulation
import Storage

/// What can happen to an object at rest. By its makers' word S3 loses one of ten million objects in ten thousand years; what a careless rule deletes or a client of another kind overwrites is lost all the same.
public enum ObjectDamage: String, Sendable, Hashable, CaseIterable {
  /// One bit is another.
  case bitFlip
  /// The end is missing.
  case truncation
  /// The object is not there.
  case loss

  /// What is left of some bytes, at least one; nil when nothing is. `bits` says where it happens.
  func left(of body: [UInt8], bits: UInt64) -> [UInt8]? {
    switch self {
    case .bitFlip:
      var body = body
      let bit = Int(bits % UInt64(body.count * 8))
      body[bit / 8] ^= 1 << UInt8(bit % 8)
      return body
    case .truncation: return Array(body.prefix(Int(bits % UInt64(body.count))))
    case .loss: return nil
    }
  }
}

/// Damage has come to an object, or it is what it was again.
public struct ObjectDamaged: DomainEvent {
  /// The object.
  public let key: ObjectKey
  /// What happened to it.
  public let damage: ObjectDamage
  /// The XXH3-64 of the bytes that are left; nil when none are, or when the object is what it was again.
  public let hash: UInt64?
  /// Whether it is what it was again.
  public let isOver: Bool

  /// Tells of damage.
  public init(key: ObjectKey, damage: ObjectDamage, hash: UInt64?, isOver: Bool) {
    self.key = key
    self.damage = damage
    self.hash = hash
    self.isOver = isOver
  }

  /// What the network and the digest know it as.
  public var kind: EventKind { EventKind(code: 68, name: "objectDamaged") }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.bytes("key", key.bytes)
    log.text("damage", damage.rawValue)
    if let hash { log.number("hash", hash) }
    log.number("isOver", isOver ? 1 : 0)
  }
}

/// Damage that faults have done and that is to be repaired when they end.
struct ObjectDamages {
  private var inForce: [(fault: ObjectStoreFault, keys: [ObjectKey])] = []

  mutating func begin(_ fault: ObjectStoreFault, _ keys: [ObjectKey]) { inForce.append((fault, keys)) }

  /// The objects of a fault that ends.
  mutating func end(_ fault: ObjectStoreFault) -> [ObjectKey] {
    guard let index = inForce.firstIndex(where: { $0.fault == fault }) else { return [] }
    return inForce.remove(at: index).keys
  }
}
