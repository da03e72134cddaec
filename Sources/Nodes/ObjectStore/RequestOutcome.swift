import Simulation

/// What can become of one request to the object store, besides being served. The numbers are those of listed request faults.
enum RequestOutcome: UInt64, CaseIterable {
  /// 503 before it is applied.
  case unavailable = 1
  /// 500 before it is applied.
  case internalError = 2
  /// 502 before it is applied.
  case badGateway = 3
  /// No answer, and it is never applied.
  case neverApplied = 4
  /// Applied, and answered with 500: the caller must not conclude that nothing happened.
  case appliedThenError = 5
  /// Applied, and never answered.
  case appliedThenSilence = 6
  /// Applied half a minute later than it should be, and never answered.
  case appliedLate = 7
  /// 503 SlowDown.
  case slowDown = 8
  /// Served, but ten times slower than usual.
  case slowTail = 9
  /// A page of a listing ends before it is full; nothing is missing, the rest is on the next page.
  case shortPage = 10
  /// 403: the caller's credentials have expired.
  case expiredCredentials = 11
  /// The completion of a multipart upload fails after the status 200 was sent; nothing is applied.
  case failedAfterAll = 12

  /// The error that is answered at once, without applying the request.
  var refusal: ObjectStoreError? {
    switch self {
    case .unavailable: .unavailable
    case .internalError: .internalError
    case .badGateway: .badGateway
    case .slowDown: .slowDown
    case .expiredCredentials: .expiredCredentials
    case .neverApplied, .appliedThenError, .appliedThenSilence, .appliedLate, .slowTail, .shortPage, .failedAfterAll:
      nil
    }
  }

  /// How many times longer than usual the request takes.
  var slowdown: Int64 { self == .slowTail ? 10 : 1 }
}
