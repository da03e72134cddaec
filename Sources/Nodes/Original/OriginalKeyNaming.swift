import Storage

/// How the original StreamHouse names objects: by topic, partition and base offset only.
///
/// Nothing in the key tells who wrote it, so that two writers with one base write one object.
enum OriginalKeyNaming {
  static func key(_ partition: TopicPartition, base: UInt64) -> ObjectKey {
    ObjectKey("data/\(partition.topic.rawValue)/\(partition.index)/\(base.twentyDigits).seg")
  }
}
