import Simulation

/// Counts what a run tells of its processes: messages, requests, probes and events. State that nodes keep themselves is read when a sample is taken.
///
/// A process begins at 0, as a real one does: what an earlier incarnation counted is gone with it.
public final class MetricsRecorder: RunWatcher {
  /// By machine.
  private var processes: [ProcessMetrics?] = []
  private let roles: (HostID) -> [MetricRole]
  private var rolesKnown: [[MetricRole]?] = []

  /// Makes a recorder.
  ///
  /// - Parameter roles: The roles of a machine's processes.
  public init(roles: @escaping (HostID) -> [MetricRole]) { self.roles = roles }

  func process(_ host: HostID, _ incarnation: Int) -> ProcessMetrics {
    let place = Int(host.rawValue)
    while processes.count <= place { processes.append(nil) }
    if let known = processes[place], known.incarnation == incarnation { return known }
    let new = ProcessMetrics(incarnation: incarnation)
    processes[place] = new
    return new
  }

  private func process(_ host: Host) -> ProcessMetrics { process(host.id, host.incarnation) }

  private func has(_ role: MetricRole, _ host: HostID) -> Bool {
    let place = Int(host.rawValue)
    while rolesKnown.count <= place { rolesKnown.append(nil) }
    let known = rolesKnown[place] ?? roles(host)
    rolesKnown[place] = known
    return known.contains(role)
  }

  /// Copies what was counted of a process into a sample.
  public func read(_ role: MetricRole, of host: Host, into sample: MetricSample) {
    let process = process(host)
    process.read(role, into: sample)
    switch role {
    case .agent: sample.set(AgentMetric.produceInFlight, process.inFlight[Int(Produce.kind.code)])
    case .metadata: sample.set(MetadataMetric.requestsInFlight, process.inFlight.reduce(0, +))
    case .objectStore: sample.set(ObjectStoreMetric.requestsInFlight, process.inFlight.reduce(0, +))
    case .host, .producer, .consumer, .maintainer: break
    }
  }

  /// Adds to a counter of a process, for those outside of the cluster who know what clients do.
  public func add(_ amount: Int, to metric: some MetricName, _ stamp: EventStamp) {
    process(stamp.host, stamp.incarnation).add(Int64(amount), to: metric)
  }

  /// Takes an observation into a histogram of a process.
  public func record(_ value: Int64, times: Int = 1, in metric: some MetricName, _ stamp: EventStamp) {
    process(stamp.host, stamp.incarnation).record(value, times: times, in: metric)
  }

  // MARK: What the run tells

  /// A message left a host.
  public func sent(bytes: Int, by host: Host) {
    let process = process(host)
    process.add(to: HostMetric.messagesSent)
    process.add(Int64(bytes), to: HostMetric.bytesSent)
  }

  /// The network lost a message.
  public func lostMessage(of host: Host) { process(host).add(to: HostMetric.messagesLost) }

  /// A probe was hit.
  public func reached(_ probe: Probe, on host: Host) {
    if let index = RecordedMetrics.ofProbe[probe.name.description] { process(host).addAt(index) }
  }

  /// A request came.
  public func received(_ kind: MessageKind, on host: Host) { process(host).began(kind) }

  /// A request was answered.
  public func served(_ request: WatchedRequest, on host: Host) {
    let process = process(host)
    process.ended(request.kind)
    let name = request.kind.name.description
    if has(.agent, host.id) {
      if request.kind.code == OpenConnection.kind.code { return process.add(to: AgentMetric.connectionsOpened) }
      guard request.kind.code == Produce.kind.code else { return }
      process.add(to: AgentMetric.produceRequests, [request.result])
      process.record(request.duration.nanoseconds, in: AgentMetric.produceDuration)
    } else if has(.metadata, host.id) {
      process.add(to: MetadataMetric.requests, [name, request.result])
      process.record(request.duration.nanoseconds, in: MetadataMetric.requestDuration, [name])
    } else if has(.objectStore, host.id) {
      process.add(to: ObjectStoreMetric.requests, [name, request.status])
      process.record(request.duration.nanoseconds, in: ObjectStoreMetric.requestDuration, [name])
    }
  }

  /// The outcome of a request was heard.
  public func heard(_ request: WatchedRequest, on host: Host) {
    let process = process(host)
    process.add(to: HostMetric.calls, [request.kind.name.description, request.result])
    if request.error is NetworkError { process.add(to: HostMetric.callFailures) }
    let duration = request.duration.nanoseconds
    switch request.kind.code {
    case Produce.kind.code: if has(.producer, host.id) { process.record(duration, in: ProducerMetric.requestDuration) }
    case PutObject.kind.code, UploadPart.kind.code, CompleteMultipartUpload.kind.code:
      if has(.agent, host.id) { process.record(duration, in: AgentMetric.uploadDuration) }
    case GetObject.kind.code:
      guard has(.consumer, host.id) else { break }
      process.add(to: ConsumerMetric.fetches, [request.result])
      process.add(Int64(request.answerBytes), to: ConsumerMetric.fetchedBytes)
      process.record(duration, in: ConsumerMetric.fetchDuration)
    case CommitOffsets.kind.code:
      if let error = request.error as? MetadataError, error != .recovering, has(.consumer, host.id) {
        process.add(to: ConsumerMetric.commitsRefused)
      }
    default: break
    }
    guard has(.maintainer, host.id), Self.storeRequests.contains(request.kind.code) else { return }
    process.add(to: MaintainerMetric.storeRequests, [request.kind.name.description, request.result])
    process.record(duration, in: MaintainerMetric.storeDuration)
    if request.kind.code == GetObject.kind.code {
      process.add(Int64(request.answerBytes), to: MaintainerMetric.readBytes)
    }
  }

  private static let storeRequests: Set<UInt8> = [
    PutObject.kind.code, GetObject.kind.code, HeadObject.kind.code, ListObjects.kind.code, DeleteObject.kind.code,
    ListMultipartUploads.kind.code, AbortMultipartUpload.kind.code,
  ]
}

extension WatchedRequest {
  /// How it ended: `ok`, or the name of the error.
  fileprivate var result: String {
    guard let error else { return "ok" }
    // What an error carries, such as a waiting time, would make a series of each value.
    return String(String(describing: error).prefix { $0 != "(" })
  }

  /// How it ended as a status of HTTP.
  fileprivate var status: String {
    guard let error else { return "200" }
    return (error as? ObjectStoreError).map { String($0.status) } ?? result
  }
}
