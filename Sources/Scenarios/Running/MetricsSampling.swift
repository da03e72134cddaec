import Nodes
import Simulation

/// Takes samples of a cluster's metrics: what a recorder counted, and what the nodes themselves say.
///
/// It only looks, so that a run with samples has the digest of one without; see `docs/decisions/0030-samples-between-events.md`.
final class MetricsSampling {
  let recorder: MetricsRecorder
  private let cluster: Cluster
  private let simulation: Simulation
  private let sink: (MetricSample) -> Void
  private var latest: VirtualTime?

  init(_ cluster: Cluster, _ sink: @escaping (MetricSample) -> Void) {
    self.cluster = cluster
    simulation = cluster.simulation
    self.sink = sink
    recorder = MetricsRecorder(roles: cluster.roles(of:))
  }

  /// Samples every machine, in order.
  func take(at time: VirtualTime) {
    latest = time
    for number in simulation.machineNames.indices {
      let id = HostID(rawValue: UInt32(number))
      let sample = MetricSample(time: time, host: simulation.name(of: id), incarnation: simulation.starts(of: id))
      sample.set(HostMetric.starts, sample.incarnation)
      if let host = simulation.host(id) {
        sample.set(host.figures)
        for role in cluster.roles(of: id) { recorder.read(role, of: host, into: sample) }
        cluster.read(id, host, into: sample)
      } else {
        sample.set(HostMetric.running, false)
      }
      sink(sample)
    }
  }

  /// Samples the end of a run, unless that is a time at which a sample was taken.
  func takeLast(at time: VirtualTime) { if latest != time { take(at: time) } }

  // MARK: What applications did

  func observe(_ event: any DomainEvent, _ stamp: EventStamp, _ history: History) {
    guard let event = event as? WorkloadEvent else { return recorder.observe(event, stamp) }
    switch event {
    case .batchClosed(_, let batch):
      recorder.record(Int64(batch.tags.count), in: ProducerMetric.batchRecords, stamp)
      recorder.record(batch.gathered.nanoseconds, in: ProducerMetric.gatherDuration, stamp)
    case .batchDelivered(_, let batch):
      guard case .acknowledged = batch.outcome, let sent = batch.tags.first.flatMap({ sending(of: $0, history) })
      else { return }
      recorder.record((stamp.time - sent).nanoseconds, in: ProducerMetric.produceDuration, stamp)
    case .polled(let records): observe(records, stamp, history)
    case .consumerFailed: recorder.add(1, to: ConsumerMetric.failures, stamp)
    case .producerStarted, .recordTold, .producerClosed, .producerFinished, .handled, .recordAimed, .recordRefused,
      .commitAsked, .commitTold, .partitionPaused, .unreadable:
      break
    }
  }

  private func observe(_ records: PolledRecords, _ stamp: EventStamp, _ history: History) {
    recorder.add(records.contents.count, to: ConsumerMetric.polledRecords, stamp)
    recorder.add(records.omitted.reduce(0) { $0 + $1.count }, to: ConsumerMetric.omittedRecords, stamp)
    recorder.record(records.waited.nanoseconds, in: ConsumerMetric.pollWait, stamp)
    // Records of one batch come together and were appended at one time.
    var run: (batch: UInt32, count: Int)?
    func tell() {
      guard let run else { return }
      let appended = history.batches[Int(run.batch)].appendedAt
      recorder.record(
        (stamp.time - appended).nanoseconds, times: run.count, in: ConsumerMetric.endToEndDuration, stamp)
    }
    for record in records.contents where record.content >> 63 == 0 {
      guard let place = history.place(of: WorkloadRecord(identity: record.content)) else { continue }
      if run?.batch == place.batch {
        run?.count += 1
      } else {
        tell()
        run = (place.batch, 1)
      }
    }
    tell()
  }

  private func sending(of tag: UInt64, _ history: History) -> VirtualTime? {
    history.batch(of: WorkloadRecord(identity: tag))?.appendedAt
  }
}
