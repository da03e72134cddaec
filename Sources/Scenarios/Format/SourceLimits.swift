/// What a scenario file may cost to read.
enum SourceLimits {
  /// A scenario written by hand has a few kilobytes, a generated fault script a few hundred.
  static let bytes = 1 << 20
  /// Levels of sections and lists inside each other.
  static let depth = 32
  /// An alias-like text (`*word`) may occur this often beside an anchor-like one before the parser sees the file.
  ///
  /// The parser hashes keys while it composes, so aliases of aliases in keys cost exponential time before the tree
  /// can be inspected. With k aliases at most e^(k/e) copies of a node can be reached: 19 for 8.
  static let suspectedAliases = 8
  /// Explicit keys (`? key`) may occur this often, times the bytes of the file: each may hash all that is inside it.
  static let hashedBytes = 8 << 20
}
