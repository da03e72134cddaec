import Simulation

/// The identities of producers by name.
struct ProducerRegistry: StatePart {
  static let tag: UInt8 = 3

  /// In the order in which the names were first taken up.
  private var producers: [(name: String, producer: MetadataState.NamedProducer)] = []

  init() {}

  subscript(_ name: String) -> MetadataState.NamedProducer? { producers.first { $0.name == name }?.producer }

  /// The identity that a new name gets.
  var nextIdentity: UInt64 { UInt64(producers.count + 1) }

  mutating func put(_ producer: MetadataState.NamedProducer, name: String) {
    if let index = producers.firstIndex(where: { $0.name == name }) {
      producers[index].producer = producer
    } else {
      producers.append((name, producer))
    }
  }

  // MARK: Snapshot

  func encode(into writer: inout JournalWriter) {
    writer.list(producers) { writer, entry in
      writer.text(entry.name)
      writer.producer(entry.producer)
    }
  }

  init?(from reader: inout JournalReader) {
    let producers = reader.list { reader -> (name: String, producer: MetadataState.NamedProducer)? in
      guard let name = reader.text(), let producer = reader.producer() else { return nil }
      return (name, producer)
    }
    guard let producers else { return nil }
    self.producers = producers
  }

  var picture: Snapshot.Field {
    Snapshot.Field(
      "producers",
      .list(
        producers.map { name, producer in
          .fields([
            Snapshot.Field("name", .text(name)),
            Snapshot.Field("id", .number(producer.identity.id)),
            Snapshot.Field("epoch", .number(UInt64(producer.identity.epoch))),
            Snapshot.Field("by", .text("\(producer.by.rawValue).\(producer.incarnation)")),
            Snapshot.Field("request", .number(producer.request)),
          ])
        }))
  }
}

extension MetadataState {
  struct NamedProducer: Sendable {
    var identity: ProducerIdentity
    var by: HostID
    var incarnation: Int
    var request: UInt64
  }
}
