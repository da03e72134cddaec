import Simulation

/// The identities of producers by name.
struct ProducerRegistry: StatePart {
  static let tag: UInt8 = 3

  /// A producer's name with the latest request of each machine that took it up, by which repeated and late ones are known.
  struct Entry: Sendable {
    var name: String
    var identity: ProducerIdentity
    /// In order of the machines.
    var takers: [MetadataState.NamedProducer] = []

    func taker(_ host: HostID) -> MetadataState.NamedProducer? { takers.first { $0.by == host } }
  }

  /// In the order in which the names were first taken up.
  private var producers: [Entry] = []

  init() {}

  subscript(_ name: String) -> Entry? { producers.first { $0.name == name } }

  /// How often a producer's identity was taken up; nil when nobody has it.
  func epoch(of id: UInt64) -> UInt32? { producers.first { $0.identity.id == id }?.identity.epoch }

  /// The identity that a new name gets.
  var nextIdentity: UInt64 { UInt64(producers.count + 1) }

  mutating func put(_ producer: MetadataState.NamedProducer, name: String) {
    let index = producers.firstIndex { $0.name == name } ?? producers.count
    if index == producers.count { producers.append(Entry(name: name, identity: producer.identity)) }
    producers[index].identity = producer.identity
    let place = producers[index].takers.firstIndex { $0.by >= producer.by } ?? producers[index].takers.count
    if place < producers[index].takers.count, producers[index].takers[place].by == producer.by {
      producers[index].takers[place] = producer
    } else {
      producers[index].takers.insert(producer, at: place)
    }
  }

  // MARK: Snapshot

  func encode(into writer: inout JournalWriter) {
    writer.list(producers) { writer, entry in
      writer.text(entry.name)
      writer.identity(entry.identity)
      writer.list(entry.takers) { $0.producer($1) }
    }
  }

  init?(from reader: inout JournalReader) {
    let producers = reader.list { reader -> Entry? in
      guard let name = reader.text(), let identity = reader.identity(), let takers = reader.list({ $0.producer() })
      else { return nil }
      return Entry(name: name, identity: identity, takers: takers)
    }
    guard let producers else { return nil }
    self.producers = producers
  }

  var picture: Snapshot.Field {
    Snapshot.Field(
      "producers",
      .list(
        producers.map { entry in
          .fields([
            Snapshot.Field("name", .text(entry.name)),
            Snapshot.Field("id", .number(entry.identity.id)),
            Snapshot.Field("epoch", .number(UInt64(entry.identity.epoch))),
            Snapshot.Field("takers", .list(entry.takers.map { .text($0.words) })),
          ])
        }))
  }
}

extension MetadataState {
  /// A producer's identity, and by which request it was taken up.
  struct NamedProducer: Sendable {
    var identity: ProducerIdentity
    var by: HostID
    var incarnation: Int
    var request: UInt64

    fileprivate var words: String {
      "request \(request) of \(by.rawValue).\(incarnation): \(identity.id), epoch \(identity.epoch)"
    }
  }
}
