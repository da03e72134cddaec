import Simulation

/// What a leader knows of the producers that write to its partition with idempotence: what is stored, and what is in flight.
struct SequenceTracker {
  private struct Producer {
    var epoch: UInt32
    var next: UInt64
    var recent: [Recent]
  }

  /// A batch that was taken.
  struct Recent {
    let sequence: UInt64
    let count: UInt64
    let offset: UInt64
    /// Settled once the batch is registered; nil for batches that were registered before this lease.
    let registered: Promise<[TransactionID]>?
  }

  /// What is to be done with a batch.
  enum Verdict {
    /// It is the next one.
    case take
    /// It was taken before.
    case duplicate(Recent)
    /// It was taken so long ago that its offset is forgotten; of a log also entries that an earlier reading did not find, which were never acknowledged.
    case oldDuplicate
    /// It does not begin where the last one ended.
    case gap(expected: UInt64)
    /// Of a log: the entries before an offset were taken, those from there on were not. The batch is the last that took some.
    case begun(end: UInt64, Recent)
    /// A newer user of the identity has followed.
    case fenced
  }

  /// At most so many batches of a producer may be in flight, and so many are remembered.
  static let window = MetadataState.rememberedBatches

  private var producers: [UInt64: Producer] = [:]

  /// Begins with what the metadata service has stored.
  init(stored: [StoredBatch]) {
    for batch in stored {
      let recent = Recent(sequence: batch.sequence, count: batch.count, offset: batch.offset, registered: nil)
      add(batch.producer, recent)
    }
  }

  func judge(_ producer: ProducerIdentity, sequence: UInt64, count: UInt64) -> Verdict {
    guard let known = producers[producer.id], known.epoch <= producer.epoch else {
      if producers[producer.id] != nil { return .fenced }
      return producer.isLog || sequence == 0 ? .take : .gap(expected: 0)
    }
    if known.epoch < producer.epoch { return sequence == 0 ? .take : .gap(expected: 0) }
    if sequence == known.next || (producer.isLog && sequence > known.next) { return .take }
    if sequence > known.next { return .gap(expected: known.next) }
    if producer.isLog { return judgeLog(known, sequence, count) }
    if sequence + count > known.next { return .gap(expected: known.next) }
    if let same = known.recent.last(where: { $0.sequence == sequence && $0.count == count }) { return .duplicate(same) }
    return .oldDuplicate
  }

  /// Judges entries of a log of which some were taken.
  ///
  /// A producer repeats a batch as it was. An agent that hands a log over a second time may have lost entries at the ends of its files meanwhile, and puts others together: what it repeats lies somewhere in what was taken. It throws its files away by the answer, so that has to be the one of the batches in which its entries are.
  private func judgeLog(_ known: Producer, _ sequence: UInt64, _ count: UInt64) -> Verdict {
    let end = sequence + count
    // The latest says it for those before: what a leadership took is registered in order.
    guard let latest = known.recent.last(where: { $0.sequence < end && sequence < $0.sequence + $0.count }) else {
      return end > known.next ? .gap(expected: known.next) : .oldDuplicate
    }
    return end > known.next ? .begun(end: known.next, latest) : .duplicate(latest)
  }

  mutating func add(_ producer: ProducerIdentity, _ batch: Recent) {
    var known = producers[producer.id] ?? Producer(epoch: producer.epoch, next: 0, recent: [])
    if known.epoch != producer.epoch { known = Producer(epoch: producer.epoch, next: 0, recent: []) }
    known.next = batch.sequence + batch.count
    known.recent.append(batch)
    if known.recent.count > Self.window { known.recent.removeFirst() }
    producers[producer.id] = known
  }

  /// Takes batches back that were taken and will never be stored, so that they can be sent again.
  mutating func takeBack(_ batches: [StoredBatch]) {
    for batch in batches {
      guard var known = producers[batch.producer.id], known.epoch == batch.producer.epoch else { continue }
      known.next = min(known.next, batch.sequence)
      known.recent.removeAll { $0.sequence >= batch.sequence }
      producers[batch.producer.id] = known
    }
  }
}
