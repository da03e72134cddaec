/// How the original StreamHouse treats an upload that fails: three tries in all, then the segment is forgotten, its records with it.
enum OriginalUpload {
  static let tries = 3
  /// Whether those who wait for a forgotten segment are told that it is stored: their flush finds nothing left to do, and takes that for success.
  static let takesNothingLeftForStored = true
}
