import Simulation
import Storage

/// The figures of the simulated object store.
public struct ObjectStoreConfiguration: Sendable, Hashable {
  /// How long requests take to their first byte.
  public var preset = ObjectStorePreset.calm
  /// Bytes a second of one answer's or request's stream.
  public var bytesPerSecond: Int64 = 80_000_000

  /// Makes the default store.
  public init() {}
}

/// An object store with S3's semantics: strong read-after-write for single keys, nothing atomic across keys.
public actor ObjectStore {
  nonisolated let host: Host
  /// Its host's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  private let configuration: ObjectStoreConfiguration
  private var bucket = Bucket()
  private var trouble = ObjectStoreTrouble()
  private var requests: [HostID: UInt64] = [:]
  /// What was asked and moved so far.
  public private(set) var usage = ObjectStoreUsage()

  private static let putStream = RandomStreamName("objectStore.put")
  private static let getStream = RandomStreamName("objectStore.get")

  /// Makes the store and begins to serve.
  public init(host: Host, configuration: ObjectStoreConfiguration) {
    self.host = host
    self.configuration = configuration
    host.serve(PutObject.self, on: self) { try await $0.serve($1, from: $2, isWrite: true) { try $0.put($1) } }
    host.serve(GetObject.self, on: self) { try await $0.serve($1, from: $2, isWrite: false) { try $0.get($1) } }
    host.serve(HeadObject.self, on: self) { try await $0.serve($1, from: $2, isWrite: false) { try $0.head($1) } }
    host.serve(ListObjects.self, on: self) { try await $0.serve($1, from: $2, isWrite: false) { try $0.list($1) } }
    host.serve(DeleteObject.self, on: self) { try await $0.serve($1, from: $2, isWrite: true) { try $0.delete($1) } }
    host.onComponentFault(of: self) { store, name, values, begins in
      store.trouble.change(name, values, begins: begins)
    }
    host.provideSnapshot(of: self) { $0.bucket.snapshot }
  }

  // Draw what goes wrong -> wait to the first byte -> apply -> move the bytes -> answer
  private func serve<Content: Request>(
    _ request: Content, from sender: Sender, isWrite: Bool,
    _ apply: (isolated ObjectStore, Content) throws -> Content.Response
  ) async throws -> Content.Response {
    requests[sender.host, default: 0] += 1
    let ordinal = requests[sender.host] ?? 0
    let outcome = RequestOutcome(
      rawValue: host.requestOutcome(client: sender.host, ordinal: ordinal, odds: trouble.odds))
    let model = isWrite ? configuration.preset.put : configuration.preset.get
    let bits = host.draw(isWrite ? Self.putStream : Self.getStream, key: UInt64(sender.host.rawValue), ordinal: ordinal)
    let latency = model.draw(bits) * trouble.slowdown
    if let refusal = outcome?.refusal {
      try await host.sleep(for: .milliseconds(10))
      if refusal == .slowDown { usage.throttled += 1 }
      throw refusal
    }
    if outcome == .neverApplied { try await silence() }
    try await host.sleep(for: latency + (isWrite ? transfer(request.wireSize) : .zero))
    if outcome == .appliedLate { try await host.sleep(for: .seconds(30)) }
    let response = try apply(self, request)
    if !isWrite { try await host.sleep(for: transfer(response.wireSize)) }
    switch outcome {
    case .appliedThenError: throw ObjectStoreError.internalError
    case .appliedThenSilence, .appliedLate: try await silence()
    default: break
    }
    return response
  }

  private func transfer(_ bytes: Int) -> VirtualDuration {
    VirtualDuration(nanoseconds: Int64(bytes) * 1_000_000_000 / configuration.bytesPerSecond)
  }

  /// No answer comes; an hour is longer than any caller waits.
  private func silence() async throws { try await host.sleep(for: .seconds(3_600)) }

  // MARK: What requests do

  private func put(_ request: PutObject) throws -> PutObject.Response {
    usage.put += 1
    usage.bytesIn += UInt64(request.body.count)
    return PutObject.Response(tag: try bucket.put(request))
  }

  private func get(_ request: GetObject) throws -> GetObject.Response {
    usage.get += 1
    guard let object = bucket[request.key] else { throw ObjectStoreError.noSuchKey }
    let body = try object.bytes(in: request.range)
    usage.bytesOut += UInt64(body.count)
    return GetObject.Response(body: body, tag: object.tag, size: object.body.count)
  }

  private func head(_ request: HeadObject) throws -> HeadObject.Response {
    usage.get += 1
    guard let object = bucket[request.key] else { throw ObjectStoreError.noSuchKey }
    return HeadObject.Response(tag: object.tag, size: object.body.count, attempt: object.attempt)
  }

  private func list(_ request: ListObjects) throws -> ListObjects.Response {
    usage.list += 1
    return bucket.list(prefix: request.prefix, after: request.after, limit: min(max(request.limit, 1), 1_000))
  }

  private func delete(_ request: DeleteObject) throws -> DeleteObject.Response {
    usage.delete += 1
    bucket.remove(request.key)
    return DeleteObject.Response()
  }

  // MARK: For those outside of the cluster

  /// Puts an object there at once, before the cluster begins.
  public func preload(_ key: ObjectKey, _ body: [UInt8]) { bucket.insert(key, body, attempt: 0) }

  /// The content of an object as it is now.
  public func content(_ key: ObjectKey) -> [UInt8]? { bucket[key]?.body }
}
