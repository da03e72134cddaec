import DequeModule

/// The way from one machine to another.
final class Link {
  /// How many messages were sent on it.
  var sent: UInt64 = 0
  /// When the latest of those that keep their order arrives.
  var lastArrival = VirtualTime.start
  /// How many cuts are in force on it.
  var cuts = 0
  /// How many clogs are in force on it.
  var clogs = 0
  /// What a clog holds up, in the order in which it would have arrived.
  var held: Deque<Envelope> = []
  /// The narrowest limit in force on what it carries; nil without one.
  var limit: LinkLimit?
}

/// The links that lead away from one machine, made as they are used.
///
/// A hash table with linear probing: of ten thousand machines most talk to a few, and a few to most. Nothing depends on its order. In plain memory, since every message looks up its link.
final class LinkTable {
  private struct Place {
    var target: UInt32
    var link: Link?
  }

  private var places: UnsafeMutablePointer<Place>
  private var capacity: Int
  private var count = 0

  init() {
    capacity = 4
    places = Self.empty(capacity)
  }

  deinit {
    places.deinitialize(count: capacity)
    places.deallocate()
  }

  func link(to target: HostID) -> Link {
    let place = place(of: target.rawValue)
    if let link = place.pointee.link { return link }
    let link = Link()
    place.pointee = Place(target: target.rawValue, link: link)
    count += 1
    if count * 2 > capacity { grow() }
    return link
  }

  /// Lets go of everything that clogs hold up: it would keep its link, and the link it.
  func dropHeld() {
    for index in 0..<capacity { places[index].link?.held.removeAll() }
  }

  private static func empty(_ capacity: Int) -> UnsafeMutablePointer<Place> {
    let places = UnsafeMutablePointer<Place>.allocate(capacity: capacity)
    places.initialize(repeating: Place(target: 0, link: nil), count: capacity)
    return places
  }

  private func place(of target: UInt32) -> UnsafeMutablePointer<Place> {
    let mask = capacity - 1
    var index = Int(truncatingIfNeeded: (target &* 0x9E37_79B9) >> 8) & mask
    while places[index].link != nil, places[index].target != target { index = (index + 1) & mask }
    return places + index
  }

  private func grow() {
    let old = (places: places, capacity: capacity)
    capacity *= 2
    places = Self.empty(capacity)
    for index in 0..<old.capacity where old.places[index].link != nil {
      place(of: old.places[index].target).pointee = old.places[index]
    }
    old.places.deinitialize(count: old.capacity)
    old.places.deallocate()
  }
}
