import Simulation
import Storage

/// Decides which batches an agent takes: by the memory of the whole agent, by the credits of producers, and by quotas.
///
/// A batch that is not taken is answered with when to come back. Sendable because it never leaves its host.
final class Admission: @unchecked Sendable {
  private struct Bucket {
    /// Bytes a second.
    var rate: Int64
    /// In bytes; below zero after a batch that was larger than what there was.
    var tokens: Int64
    var filledAt: VirtualTime
  }

  private let host: Host
  private let configuration: AgentConfiguration
  private var credits: CreditBook
  private var buckets: [QuotaSubject: Bucket] = [:]
  /// How many bytes of all partitions are not registered yet.
  var memory = 0

  init(host: Host, configuration: AgentConfiguration) {
    self.host = host
    self.configuration = configuration
    credits = CreditBook(configuration.credits)
  }

  /// Takes in this agent's shares of the quotas.
  func enforce(_ shares: [Quota]) {
    buckets = buckets.filter { known in shares.contains { $0.subject == known.key } }
    for share in shares {
      let rate = Int64(clamping: min(share.bytesPerSecond, 1 << 40))
      // What has been gained so far was gained at the old rate.
      if buckets[share.subject] != nil { fill(share.subject) }
      buckets[share.subject, default: Bucket(rate: rate, tokens: rate * 2, filledAt: host.now)].rate = rate
    }
  }

  /// Admits a batch and charges for it, or tells when to come back.
  ///
  /// What an agent's log hands over was acknowledged long ago: it is bounded by memory alone.
  func admit(_ request: Produce, from sender: HostID) throws(ProduceError) {
    let size = request.batch.estimatedSize
    if memory > 0, memory + size > configuration.memoryBytes {
      host.probe(.memoryBoundReached)
      throw .overloaded(retryAfter: configuration.durableLinger * 2)
    }
    if request.producer?.isLog == true { return }
    let subjects = [QuotaSubject.client(sender), .topic(request.partition.topic)].filter { buckets[$0] != nil }
    if let wait = subjects.compactMap({ quotaWait($0) }).max() {
      host.probe(.quotaRefused)
      throw .quotaExceeded(retryAfter: wait)
    }
    let key = request.producer.map { AdmissionKey.producer($0.id) } ?? .machine(sender)
    if let wait = credits.wait(of: key, for: request.batch.count, at: host.now) {
      host.probe(.creditsRefused)
      throw .overloaded(retryAfter: wait)
    }
    credits.charge(key, for: request.batch.count, at: host.now)
    for subject in subjects { buckets[subject]?.tokens -= Int64(size) }
  }

  /// How long until a bucket holds something again; nil when it does now. Never longer than until the next report, which may bring another share.
  private func quotaWait(_ subject: QuotaSubject) -> VirtualDuration? {
    fill(subject)
    guard let bucket = buckets[subject], bucket.tokens <= 0 else { return nil }
    let milliseconds = ((1 - bucket.tokens) * 1_000 + bucket.rate - 1) / bucket.rate
    return min(.milliseconds(min(milliseconds, 3_600_000)), configuration.heartbeatInterval)
  }

  // A bucket holds two seconds' worth at the most, as the original's do.
  private func fill(_ subject: QuotaSubject) {
    guard var bucket = buckets[subject] else { return }
    let milliseconds = min((host.now - bucket.filledAt).nanoseconds / 1_000_000, 1_000_000)
    let gained = bucket.rate * milliseconds / 1_000
    guard gained > 0 else { return }
    bucket.tokens = min(bucket.tokens + gained, bucket.rate * 2)
    bucket.filledAt = host.now
    buckets[subject] = bucket
  }
}
