/// How the original StreamHouse answers a batch whose sequence it knows: with success at once and offset 0, since the sequence is recorded before the batch is appended, and nothing else is remembered of it.
enum OriginalSequences {
  static let offsetOfRepetition: UInt64 = 0
}
