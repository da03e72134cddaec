import Simulation

/// A part of what the metadata service must not forget: it is changed by effects alone, writes itself into a snapshot, and reads itself back.
///
/// To add a part: write a type that conforms, add it to ``MetadataState`` as a stored property, and list it in ``MetadataState/parts``; a test fails as long as it is missing there, and another one as long as a field that effects change is not written.
protocol StatePart: Sendable {
  /// Tells the part in a snapshot. Unique, and never given to another part.
  static var tag: UInt8 { get }

  /// The part before any effect.
  init()

  /// Writes everything that effects have changed.
  func encode(into writer: inout JournalWriter)

  /// Reads what ``encode(into:)`` wrote; nil for bytes that it never writes.
  init?(from reader: inout JournalReader)

  /// All of it in canonical form, for people and for comparing.
  var picture: Snapshot.Field { get }
}

/// One part as the snapshot handles it, whatever its type.
struct StatePartAccess: Sendable {
  let tag: UInt8
  let encode: @Sendable (MetadataState, inout JournalWriter) -> Void
  /// Tells whether the bytes were such a part.
  let decode: @Sendable (inout MetadataState, inout JournalReader) -> Bool
  let picture: @Sendable (MetadataState) -> Snapshot.Field

  init<Part: StatePart>(_ path: any WritableKeyPath<MetadataState, Part> & Sendable) {
    tag = Part.tag
    encode = { $0[keyPath: path].encode(into: &$1) }
    decode = { state, reader in
      guard let part = Part(from: &reader) else { return false }
      state[keyPath: path] = part
      return true
    }
    picture = { $0[keyPath: path].picture }
  }
}
