import Simulation

// Rare branches that are allowed at any time and that a run with fault points takes for no reason.
extension FaultPoint {
  /// A leader closes a segment although it is neither full nor old.
  static let segmentClosesEarly = FaultPoint("segmentClosesEarly")
  /// A leader takes a stored upload for one that was not answered, and tries it again.
  static let uploadAnswerLost = FaultPoint("uploadAnswerLost")
  /// A leader takes an answered registration for one that was not, and asks again.
  static let registrationAnswerLost = FaultPoint("registrationAnswerLost")
  /// A group of log entries is written before its number, size or age is reached.
  static let logWrittenAtOnce = FaultPoint("logWrittenAtOnce")
  /// An agent leaves out a renewal of its leases.
  static let renewalSkipped = FaultPoint("renewalSkipped")
  /// An agent reports an interval later than it should.
  static let heartbeatLate = FaultPoint("heartbeatLate")
  /// An agent gives a lease back though nobody wants it.
  static let leaseGivenBack = FaultPoint("leaseGivenBack")
  /// The metadata service writes a snapshot although its journal is short.
  static let snapshotWrittenNow = FaultPoint("snapshotWrittenNow")
  /// A producer closes a batch that is neither full nor due.
  static let batchClosesEarly = FaultPoint("batchClosesEarly")
  /// A producer forgets who leads a partition.
  static let routeForgotten = FaultPoint("routeForgotten")
  /// A producer closes a connection that nothing is under way on, and opens another.
  static let connectionClosed = FaultPoint("connectionClosed")
  /// A consumer drops what its cache has of an object just before its use.
  static let cacheEntryDropped = FaultPoint("cacheEntryDropped")
  /// A consumer does not fetch a segment ahead.
  static let readAheadSkipped = FaultPoint("readAheadSkipped")
  /// A member of a group reports an interval later than it should.
  static let groupHeartbeatLate = FaultPoint("groupHeartbeatLate")

  /// All fault points of the nodes.
  static let all: [FaultPoint] = [
    .segmentClosesEarly, .uploadAnswerLost, .registrationAnswerLost, .logWrittenAtOnce, .renewalSkipped,
    .heartbeatLate, .leaseGivenBack, .snapshotWrittenNow, .batchClosesEarly, .routeForgotten, .connectionClosed,
    .cacheEntryDropped, .readAheadSkipped, .groupHeartbeatLate,
  ]
}
