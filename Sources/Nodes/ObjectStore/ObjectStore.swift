import Simulation
import Storage

/// The figures of the simulated object store.
public struct ObjectStoreConfiguration: Sendable, Hashable {
  /// How long requests take to their first byte.
  public var preset = ObjectStorePreset.calm
  /// Bytes a second of one answer's or request's stream.
  public var bytesPerSecond: Int64 = 80_000_000
  /// How many requests a second it takes.
  public var rates = RequestRates()
  /// Sizes and numbers that it allows.
  public var limits = BucketLimits()

  /// Makes the default store.
  public init() {}
}

/// An object store with S3's semantics: strong read-after-write for single keys, nothing atomic across keys.
public actor ObjectStore {
  nonisolated let host: Host
  /// Its host's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  private let configuration: ObjectStoreConfiguration
  private(set) var bucket: Bucket
  private var trouble = ObjectStoreTrouble()
  private var damages = ObjectDamages()
  private(set) var rates: PrefixRates
  private var writes = ConcurrentWrites()
  private var meter = StorageMeter()
  private var requests: [HostID: UInt64] = [:]
  private var counted = ObjectStoreUsage()

  private static let putStream = RandomStreamName("objectStore.put")
  private static let getStream = RandomStreamName("objectStore.get")
  private static let damageStream = RandomStreamName("objectStore.damage")
  /// How long a refusal takes.
  private static let refusalTime = VirtualDuration.milliseconds(5)...VirtualDuration.milliseconds(20)

  /// Makes the store and begins to serve.
  public init(host: Host, configuration: ObjectStoreConfiguration) {
    self.host = host
    self.configuration = configuration
    bucket = Bucket(limits: configuration.limits)
    rates = PrefixRates(configuration.rates)
    counted.prices = configuration.preset == .express ? .express : .standard
    host.serve(PutObject.self, on: self) { try await $0.serve($1, from: $2) }
    host.serve(CopyObject.self, on: self) { try await $0.serve($1, from: $2) }
    host.serve(GetObject.self, on: self) { try await $0.serve($1, from: $2) }
    host.serve(HeadObject.self, on: self) { try await $0.serve($1, from: $2) }
    host.serve(ListObjects.self, on: self) { try await $0.serve($1, from: $2) }
    host.serve(DeleteObject.self, on: self) { try await $0.serve($1, from: $2) }
    host.serve(InitiateMultipartUpload.self, on: self) { try await $0.serve($1, from: $2) }
    host.serve(UploadPart.self, on: self) { try await $0.serve($1, from: $2) }
    host.serve(CompleteMultipartUpload.self, on: self) { try await $0.serve($1, from: $2) }
    host.serve(AbortMultipartUpload.self, on: self) { try await $0.serve($1, from: $2) }
    host.serve(ListParts.self, on: self) { try await $0.serve($1, from: $2) }
    host.serve(ListMultipartUploads.self, on: self) { try await $0.serve($1, from: $2) }
    host.onComponentFault(of: self) { store, name, values, begins in
      if let fault = ObjectStoreFault(name: name, values: values) { store.change(fault, begins: begins) }
    }
    host.provideSnapshot(of: self) { $0.bucket.snapshot }
  }

  // Draw what goes wrong -> is there room in its partition? -> wait to the first byte -> apply -> move the bytes -> answer
  private func serve<Content: ObjectStoreRequest>(
    _ request: Content, from sender: Sender
  ) async throws -> Content.Response {
    let operation = Content.operation
    requests[sender.host, default: 0] += 1
    let ordinal = requests[sender.host] ?? 0
    let outcome = RequestOutcome(
      rawValue: host.requestOutcome(
        client: sender.host, ordinal: ordinal,
        odds: trouble.odds(of: request.place, operation, from: sender.host)))
    let stream = operation.isWrite ? Self.putStream : Self.getStream
    let bits = host.draw(stream, key: UInt64(sender.host.rawValue), ordinal: ordinal)
    if let refusal = outcome?.refusal { try await refuse(refusal, bits) }
    try await admit(request.place, operation, bits)
    if outcome == .neverApplied { try await silence() }

    let begin = request.condition == .none ? nil : request.changedKey.map { (key: $0, changes: writes.begin($0)) }
    try await host.sleep(for: timeToFirstByte(of: request, outcome, bits))
    if outcome == .appliedLate { try await host.sleep(for: .seconds(30)) }
    let isDisturbed = begin.map { writes.end($0.key, since: $0.changes) } ?? false
    let response = try apply(request, outcome, isDisturbed: isDisturbed)
    if !operation.isWrite { try await host.sleep(for: transfer(response.wireSize)) }
    switch outcome {
    case .appliedThenError: throw ObjectStoreError.internalError
    case .appliedThenSilence, .appliedLate: try await silence()
    default: break
    }
    return response
  }

  private func admit(_ place: ObjectKey, _ operation: ObjectStoreOperation, _ bits: UInt64) async throws {
    let scale = trouble.rate
    let answer = rates.admit(place, isWrite: operation.isWrite, at: host.now, scale: scale)
    if answer == .admitted { return }
    host.probe(answer == .refusedAndSplit ? .hotPrefixSplit : .prefixThrottled)
    if scale < 1_000_000 { host.faultFired("objectStoreRate") }
    try await refuse(.slowDown, bits)
  }

  private func refuse(_ error: ObjectStoreError, _ bits: UInt64) async throws -> Never {
    var generator = RandomGenerator(state: bits)
    try await host.sleep(for: generator.duration(in: Self.refusalTime))
    if error == .slowDown { counted.throttled += 1 }
    throw error
  }

  private func timeToFirstByte<Content: ObjectStoreRequest>(
    of request: Content, _ outcome: RequestOutcome?, _ bits: UInt64
  ) -> VirtualDuration {
    let isWrite = Content.operation.isWrite
    let model = isWrite ? configuration.preset.put : configuration.preset.get
    let (factor, kinds) = trouble.slowdown(of: request.place)
    for kind in kinds { host.faultFired(kind) }
    let latency = model.draw(bits) * factor * (outcome?.slowdown ?? 1)
    return latency + (isWrite ? transfer(request.wireSize) : .zero)
  }

  private func transfer(_ bytes: Int) -> VirtualDuration {
    VirtualDuration(nanoseconds: Int64(bytes) * 1_000_000_000 / configuration.bytesPerSecond)
  }

  /// No answer comes; an hour is longer than any caller waits.
  private func silence() async throws { try await host.sleep(for: .seconds(3_600)) }

  private func apply<Content: ObjectStoreRequest>(
    _ request: Content, _ outcome: RequestOutcome?, isDisturbed: Bool
  ) throws -> Content.Response {
    Content.operation.count(in: &counted)
    counted.bytesIn += UInt64(request.bodyBytes)
    meter.advance(to: host.now, bucket)
    bucket.clock = host.wallClockMilliseconds
    if isDisturbed, let key = request.changedKey {
      try bucket.check(request.condition, of: key)
      host.probe(.conditionalWriteDisturbed)
      throw ObjectStoreError.conflict
    }
    let response = try request.apply(to: &bucket, outcome)
    if let key = request.changedKey { writes.changed(key) }
    if let answer = response as? GetObject.Response { counted.bytesOut += UInt64(answer.body.count) }
    return response
  }

  // MARK: Faults

  private func change(_ fault: ObjectStoreFault, begins: Bool) {
    guard case .damage(let damage, let prefix, let objects) = fault else {
      return trouble.change(fault, begins: begins)
    }
    meter.advance(to: host.now, bucket)
    if begins { doDamage(damage, under: prefix, to: objects, fault) } else { repair(fault, damage) }
  }

  /// Draws objects among those that are there. The draw belongs to the time, so that no other fault moves it.
  private func doDamage(_ damage: ObjectDamage, under prefix: ObjectKey, to count: Int64, _ fault: ObjectStoreFault) {
    var generator = RandomGenerator(
      state: host.draw(Self.damageStream, key: UInt64(bitPattern: host.now.nanoseconds), ordinal: 0))
    var candidates = bucket.undamaged(under: prefix)
    var damaged: [ObjectKey] = []
    while damaged.count < count, !candidates.isEmpty {
      let key = candidates.remove(at: Int(generator.below(UInt64(candidates.count))))
      bucket.damage(key, damage, bits: generator.next())
      damaged.append(key)
      host.faultFired(fault.name)
      host.emit(ObjectDamaged(key: key, damage: damage, hash: bucket[key].map { Hashing.xxh3($0.body) }, isOver: false))
    }
    damages.begin(fault, damaged)
  }

  private func repair(_ fault: ObjectStoreFault, _ damage: ObjectDamage) {
    for key in damages.end(fault) {
      bucket.repair(key)
      host.emit(ObjectDamaged(key: key, damage: damage, hash: nil, isOver: true))
    }
  }

  // MARK: For those outside of the cluster

  /// What was asked, moved and kept so far.
  public var usage: ObjectStoreUsage {
    var usage = counted
    var meter = meter
    meter.advance(to: host.now, bucket)
    meter.fill(&usage)
    usage.storedBytes = UInt64(bucket.storedBytes)
    usage.orphanBytes = UInt64(bucket.orphanBytes)
    return usage
  }

  /// Puts an object there at once, before the cluster begins.
  public func preload(_ key: ObjectKey, _ body: [UInt8]) {
    meter.advance(to: host.now, bucket)
    let tag = EntityTag(bytes: MessageDigest.md5(body))
    bucket.insert(key, bucket.object(body, tag, attempt: 0, .none))
  }

  /// The content of an object as it is now; of one that damage has come to, as it was before.
  public func content(_ key: ObjectKey) -> [UInt8]? { bucket.trueContent(key) }

  /// Uploads that were begun and neither completed nor aborted.
  public var unfinishedUploads: [ListedUpload] { bucket.uploads.listed }
}
