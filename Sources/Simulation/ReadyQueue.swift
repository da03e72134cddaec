/// The jobs that are ready to run, in the order they came.
///
/// A ring in plain memory: an array or deque in a variable of a class is checked for exclusive access at each use, and this is used for every job.
final class ReadyQueue {
  private var ring: UnsafeMutablePointer<ReadyJob>
  private var mask: Int
  private var head = 0
  private(set) var count = 0

  init() {
    mask = 63
    ring = .allocate(capacity: 64)
  }

  deinit {
    while popFirst() != nil {}
    ring.deallocate()
  }

  func append(_ job: ReadyJob) {
    if count > mask { grow() }
    (ring + ((head + count) & mask)).initialize(to: job)
    count += 1
  }

  func popFirst() -> ReadyJob? {
    guard count > 0 else { return nil }
    let job = (ring + head).move()
    head = (head + 1) & mask
    count -= 1
    return job
  }

  /// Whose job is at a place in the order.
  func host(at index: Int) -> Host { ring[(head + index) & mask].host }

  /// Takes out the job at a place in the order; the others keep theirs. O(index).
  func remove(at index: Int) -> ReadyJob {
    precondition(index >= 0 && index < count, "there is a job at the place")
    let job = (ring + ((head + index) & mask)).move()
    var place = index
    while place > 0 {
      (ring + ((head + place) & mask)).moveInitialize(from: ring + ((head + place - 1) & mask), count: 1)
      place -= 1
    }
    head = (head + 1) & mask
    count -= 1
    return job
  }

  /// Takes out the jobs of a host, in order. O(n).
  func removeAll(of host: Host) -> [ReadyJob] {
    let jobs = takeAll()
    for job in jobs where job.host !== host { append(job) }
    return jobs.filter { $0.host === host }
  }

  private func takeAll() -> [ReadyJob] {
    var jobs: [ReadyJob] = []
    jobs.reserveCapacity(count)
    while let job = popFirst() { jobs.append(job) }
    return jobs
  }

  private func grow() {
    let bigger = UnsafeMutablePointer<ReadyJob>.allocate(capacity: (mask + 1) * 2)
    for offset in 0..<count { (bigger + offset).moveInitialize(from: ring + ((head + offset) & mask), count: 1) }
    ring.deallocate()
    ring = bigger
    mask = mask * 2 + 1
    head = 0
  }
}
