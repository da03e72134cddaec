import Simulation

/// An object's key: bytes, compared as bytes, since texts that look alike can differ.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The key's UTF-8 bytes.
  public let bytes: [UInt8]

  /// Makes a key of a text.
  public init(_ text: String) { bytes = Array(text.utf8) }

  /// Makes a key of its bytes.
  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// Takes the bytes in one piece: an array would give them one by one.
  public func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }

  /// In the order in which a listing shows them.
  public static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

  /// Whether it begins with another.
  public func hasPrefix(_ prefix: ObjectKey) -> Bool { bytes.starts(with: prefix.bytes) }

  /// The key as text.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// What identifies an object's content: the MD5 of its body; of an object made of parts, the MD5 of the parts' MD5s and their number.
public struct EntityTag: Sendable, Hashable, CustomStringConvertible {
  /// The 16 bytes of the hash.
  public let bytes: [UInt8]
  /// How many parts the object was made of; 0 when it was put in one piece.
  public let parts: Int

  /// Makes a tag of a hash.
  public init(bytes: [UInt8], parts: Int = 0) {
    self.bytes = bytes
    self.parts = parts
  }

  /// Makes a tag of what ``description`` shows; nil where that is no tag.
  public init?(_ text: String) {
    let halves = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard let hash = halves.first, hash.count == 32, halves.count <= 2 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 32, by: 2) {
      let digits = hash.dropFirst(index).prefix(2)
      guard let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
      bytes.append(byte)
    }
    guard halves.count == 2 else {
      self.init(bytes: bytes)
      return
    }
    guard let parts = Int(String(decoding: halves[1], as: UTF8.self)), parts > 0 else { return nil }
    self.init(bytes: bytes, parts: parts)
  }

  /// As S3 shows it, without quotes: `900150983cd24fb0d6963f7d28e17f72`, with parts `…-3`.
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self) + (parts > 0 ? "-\(parts)" : "")
  }
}

/// Under which condition a write takes effect.
public enum PutCondition: Sendable, Hashable {
  /// Always; the last writer wins.
  case none
  /// Only when the key has no object (`If-None-Match: *`).
  case ifNoneMatch
  /// Only when the key's object has this tag (`If-Match`).
  case ifMatch(EntityTag)
}

/// Which bytes of an object are wanted.
public enum ByteRange: Sendable, Hashable {
  /// All.
  case whole
  /// From one position to another, both inclusive (`bytes=a-b`).
  case closed(Int, Int)
  /// From a position to the end (`bytes=a-`).
  case from(Int)
  /// The last so many (`bytes=-n`).
  case suffix(Int)

  /// Whether it ends before it begins: HTTP and S3 take no notice of such a range and answer with the whole object.
  public var isBackwards: Bool {
    if case .closed(let first, let last) = self { last < first } else { false }
  }
}

/// What a user stores beside an object: names and values (`x-amz-meta-…`), sorted by name.
public struct ObjectMetadata: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  /// One name with its value.
  public struct Entry: Sendable, Hashable {
    /// The name, in lower case.
    public let name: String
    /// The value.
    public let value: String
  }

  /// The entries by name; each name once.
  public let entries: [Entry]

  /// Makes metadata of names and values; names are lowered, and of equal ones the last counts.
  public init(_ pairs: [(name: String, value: String)]) {
    var entries: [Entry] = []
    for pair in pairs {
      let name = pair.name.lowercased()
      entries.removeAll { $0.name == name }
      entries.append(Entry(name: name, value: pair.value))
    }
    self.entries = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Makes metadata of a literal.
  public init(dictionaryLiteral elements: (String, String)...) { self.init(elements.map { ($0, $1) }) }

  /// Nothing.
  public static let none = ObjectMetadata([])

  /// The size by which S3 limits it: the bytes of all names and values.
  public var size: Int { entries.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count } }

  func describe(into log: EventLog) {
    for entry in entries {
      log.text("name", entry.name)
      log.text("value", entry.value)
    }
  }
}

/// A multipart upload that was begun.
public struct UploadID: Sendable, Hashable, Comparable {
  /// The number of the upload in its bucket; the first is 1.
  public let rawValue: UInt64
  /// Makes an identifier of its number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  /// In the order in which they were begun.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Where a listing goes on; only the store knows what it means.
public struct ContinuationToken: Sendable, Hashable {
  /// The last key, or common prefix, that was shown.
  let last: ObjectKey
  /// Whether all keys under it have been shown with it.
  let isPrefix: Bool

  init(last: ObjectKey, isPrefix: Bool) {
    self.last = last
    self.isPrefix = isPrefix
  }

  /// Makes a token of its text; nil where that is none.
  public init?(text: String) {
    guard let mark = text.utf8.first, mark == UInt8(ascii: "k") || mark == UInt8(ascii: "p") else { return nil }
    self.init(last: ObjectKey(String(text.dropFirst())), isPrefix: mark == UInt8(ascii: "p"))
  }

  /// The token as text.
  public var text: String { (isPrefix ? "p" : "k") + last.description }
}

/// Why the object store refuses; the numbers are the HTTP statuses of S3, with a digit more where a status has several codes.
public enum ObjectStoreError: UInt64, ReplyError, Hashable, CaseIterable {
  /// 400: an argument is out of its range.
  case invalidArgument = 400
  /// 400: a part is missing, or its tag is not that of the uploaded one.
  case invalidPart = 4001
  /// 400: the parts are not listed in ascending order.
  case invalidPartOrder = 4002
  /// 400: a part that is not the last is smaller than allowed.
  case entityTooSmall = 4003
  /// 400: a body is larger than allowed.
  case entityTooLarge = 4004
  /// 400: the key is longer than allowed.
  case keyTooLong = 4005
  /// 400: the user's metadata are larger than allowed.
  case metadataTooLarge = 4006
  /// 400: the request makes no sense, such as a copy of an object onto itself that changes nothing.
  case invalidRequest = 4007
  /// 400: the list of parts is empty.
  case malformedRequest = 4008
  /// 403: the caller's credentials have expired.
  case expiredCredentials = 403
  /// 404: there is no such key.
  case noSuchKey = 404
  /// 404: there is no such upload: it never was, or it was completed or aborted.
  case noSuchUpload = 4041
  /// 409: a concurrent write interferes with a conditional one; nothing was applied.
  case conflict = 409
  /// 412: the condition of a write does not hold.
  case preconditionFailed = 412
  /// 416: the range lies outside the object.
  case invalidRange = 416
  /// 500: an internal error; the request may have been applied.
  case internalError = 500
  /// 502: a gateway failed; the request may have been applied.
  case badGateway = 502
  /// 503: the service is not available; the request was not applied.
  case unavailable = 503
  /// 503 SlowDown: too many requests; the request was not applied.
  case slowDown = 5030

  /// The HTTP status.
  public var status: Int { Int(rawValue >= 1_000 ? rawValue / 10 : rawValue) }

  /// The code in the body of S3's answer.
  public var code: String {
    switch self {
    case .invalidArgument: "InvalidArgument"
    case .invalidPart: "InvalidPart"
    case .invalidPartOrder: "InvalidPartOrder"
    case .entityTooSmall: "EntityTooSmall"
    case .entityTooLarge: "EntityTooLarge"
    case .keyTooLong: "KeyTooLongError"
    case .metadataTooLarge: "MetadataTooLarge"
    case .invalidRequest: "InvalidRequest"
    case .malformedRequest: "MalformedXML"
    case .expiredCredentials: "ExpiredToken"
    case .noSuchKey: "NoSuchKey"
    case .noSuchUpload: "NoSuchUpload"
    case .conflict: "ConditionalRequestConflict"
    case .preconditionFailed: "PreconditionFailed"
    case .invalidRange: "InvalidRange"
    case .internalError: "InternalError"
    case .badGateway: "BadGateway"
    case .unavailable: "ServiceUnavailable"
    case .slowDown: "SlowDown"
    }
  }

  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.number("status", rawValue) }
}

extension EventLog {
  func condition(_ condition: PutCondition) {
    switch condition {
    case .none: break
    case .ifNoneMatch: number("ifNoneMatch", 1)
    case .ifMatch(let tag): self.tag("ifMatch", tag)
    }
  }

  func tag(_ name: StaticString, _ tag: EntityTag) {
    bytes(name, tag.bytes)
    if tag.parts > 0 { number("parts", tag.parts) }
  }
}
