import Simulation

/// What tells repeated and late requests of administrators and workers from new ones, and how far the service's own clock has come.
struct Administration: StatePart {
  static let tag: UInt8 = 41

  /// The latest request of an administrator that changed something, and the topic concerned.
  struct Answered: Sendable {
    var request: MetadataState.Grant
    var topic: TopicID
  }

  /// In order of the administrators' hosts.
  private var answered: [Answered] = []
  /// The latest claim of each worker, in order of their hosts.
  private var claims: [MetadataState.Grant] = []
  /// The greatest number that an intent has had.
  private(set) var latestIntent: UInt64 = 0
  /// How far the service's running clock had come at the latest change that tells it, in milliseconds.
  private(set) var serviceTime: UInt64 = 0

  init() {}

  func latestRequest(of host: HostID) -> Answered? { answered.first { $0.request.to.agent == host } }
  func latestClaim(of host: HostID) -> MetadataState.Grant? { claims.first { $0.to.agent == host } }

  mutating func remember(_ request: MetadataState.Grant, outcome topic: TopicID) {
    let place = answered.firstIndex { $0.request.to.agent >= request.to.agent } ?? answered.count
    let isThere = place < answered.count && answered[place].request.to.agent == request.to.agent
    answered.replaceSubrange(place..<(place + (isThere ? 1 : 0)), with: [Answered(request: request, topic: topic)])
  }

  mutating func remember(_ intent: MetadataState.CompactionIntent) {
    latestIntent = max(latestIntent, intent.id)
    let place = claims.firstIndex { $0.to.agent >= intent.by.to.agent } ?? claims.count
    let isThere = place < claims.count && claims[place].to.agent == intent.by.to.agent
    claims.replaceSubrange(place..<(place + (isThere ? 1 : 0)), with: [intent.by])
  }

  mutating func advance(to time: UInt64) { serviceTime = max(serviceTime, time) }

  // MARK: Snapshot

  func encode(into writer: inout JournalWriter) {
    writer.list(answered) { writer, answered in
      writer.grant(answered.request)
      writer.integer(answered.topic.rawValue)
    }
    writer.list(claims) { $0.grant($1) }
    writer.integer(latestIntent)
    writer.integer(serviceTime)
  }

  init?(from reader: inout JournalReader) {
    let answered = reader.list { reader -> Answered? in
      guard let request = reader.grant(), let topic = reader.integer(UInt32.self) else { return nil }
      return Answered(request: request, topic: TopicID(rawValue: topic))
    }
    guard let answered, let claims = reader.list({ $0.grant() }), let intent = reader.integer(UInt64.self),
      let time = reader.integer(UInt64.self)
    else { return nil }
    self.answered = answered
    self.claims = claims
    latestIntent = intent
    serviceTime = time
  }

  var picture: Snapshot.Field {
    Snapshot.Field(
      "administration",
      .fields([
        Snapshot.Field(
          "answered", .list(answered.map { .text("\($0.request.words): topic \($0.topic.rawValue)") })),
        Snapshot.Field("claims", .list(claims.map { .text($0.words) })),
        Snapshot.Field("latestIntent", .number(latestIntent)),
        Snapshot.Field("serviceTime", .number(serviceTime)),
      ]))
  }
}

extension MetadataState.Grant {
  fileprivate var words: String { "request \(request) of \(to.agent.rawValue).\(to.incarnation)" }
}
