import Simulation

// The states of the object store, and of uploads in parts, that are worth reaching.
extension Probe {
  /// A partition of the keys refused a request because of its rate.
  public static let prefixThrottled = Probe("prefixThrottled")
  /// A partition of the keys that stayed hot was split.
  public static let hotPrefixSplit = Probe("hotPrefixSplit")
  /// A conditional write was answered with 409, because its key had changed while it was on its way.
  public static let conditionalWriteDisturbed = Probe("conditionalWriteDisturbed")
  /// A segment was stored in parts.
  public static let multipartUploadCompleted = Probe("multipartUploadCompleted")
  /// An upload in parts failed and was aborted.
  public static let multipartUploadAborted = Probe("multipartUploadAborted")
  /// The completion of an upload in parts failed after it had been answered with success.
  public static let completionFailedAfterAll = Probe("completionFailedAfterAll")
  /// A completion of which nothing was heard turned out to have stored the object.
  public static let completionFoundItsOwnObject = Probe("completionFoundItsOwnObject")
}
