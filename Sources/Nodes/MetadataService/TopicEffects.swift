/// How changes of topics are written to the journal, and read from it.
extension TopicEffect {
  /// The tags of these effects among all of a journal.
  static let tags: ClosedRange<UInt8> = 40...49
}

extension JournalWriter {
  mutating func effect(_ effect: TopicEffect) {
    switch effect {
    case .initialized: integer(UInt8(40))
    }
  }
}

extension JournalReader {
  mutating func topicEffect(_ tag: UInt8) -> TopicEffect? {
    switch tag {
    case 40: return .initialized
    default: return nil
    }
  }
}
