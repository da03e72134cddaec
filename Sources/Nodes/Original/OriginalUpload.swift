/// How the original StreamHouse treats an upload that fails: three tries in all, then the segment is forgotten, its records with it.
enum OriginalUpload {
  static let tries = 3
}
