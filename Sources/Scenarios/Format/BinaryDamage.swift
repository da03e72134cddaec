/// The first place at which bytes stop being text.
struct BinaryDamage {
  let line: Int
  let column: Int
  let message: String

  /// Nil when the bytes are valid UTF-8 without NUL bytes.
  static func first(in bytes: [UInt8]) -> BinaryDamage? {
    var line = 1
    var column = 1
    var input = bytes.makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    while true {
      switch parser.parseScalar(from: &input) {
      case .emptyInput:
        return nil
      case .error:
        return BinaryDamage(line: line, column: column, message: "these bytes are not valid UTF-8")
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        if scalar == "\0" { return BinaryDamage(line: line, column: column, message: "there is a NUL byte") }
        if scalar == "\n" {
          line += 1
          column = 1
        } else {
          column += 1
        }
      }
    }
  }
}
