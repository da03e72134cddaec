import Nodes
import Simulation

/// D and E: watermarks never fall, epochs only rise, each has one holder, and nothing of an older one is registered after a newer one began.
struct EpochCheck {
  private struct State {
    var epoch: Epoch = 0
    var holder: AgentIncarnation?
    var grant: EventStamp?
    var watermark: UInt64 = 0
    var latestRow: (row: SegmentRow, event: UInt64)?
  }

  private var states: [TopicPartition: State] = [:]

  mutating func observe(_ event: ClusterEvent, _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList) {
    switch event {
    case .topicCreated(let topic, _, let logStarts):
      for (index, start) in logStarts.enumerated() {
        states[TopicPartition(topic: topic, index: UInt32(index))] = State(watermark: start)
      }
    case .leaseGranted(let partition, let epoch, let holder, _):
      grant(partition, epoch, holder, stamp, labels, &found)
    case .epochFenced(let partition, let epoch): close(partition, epoch, stamp, labels, &found)
    case .segmentRegistered(let partition, let row): register(partition, row, stamp, labels, &found)
    case .metadataRecovered(let watermarks, let epochs): recovered(watermarks, epochs, stamp, labels, &found)
    default: break
    }
  }

  private mutating func grant(
    _ partition: TopicPartition, _ epoch: Epoch, _ holder: AgentIncarnation, _ stamp: EventStamp, _ labels: Labels,
    _ found: inout ViolationList
  ) {
    let state = states[partition, default: State()]
    if epoch <= state.epoch {
      let before = state.holder.map { "\(labels.host($0.agent)) (incarnation \($0.incarnation))" } ?? "nobody"
      found.add(
        Violation(
          .epochsFence, at: stamp.time,
          "the lease of \(labels.partition(partition)) was granted to \(labels.host(holder.agent)) (incarnation \(holder.incarnation)) under epoch \(epoch) at \(stamp.time), although epoch \(state.epoch) had begun already (holder: \(before))",
          events: [state.grant?.number, stamp.number].compactMap { $0 }))
    }
    states[partition, default: State()].epoch = epoch
    states[partition, default: State()].holder = holder
    states[partition, default: State()].grant = stamp
  }

  // Closing an epoch without a successor uses the next number up.
  private mutating func close(
    _ partition: TopicPartition, _ epoch: Epoch, _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList
  ) {
    let state = states[partition, default: State()]
    if epoch < state.epoch {
      found.add(
        Violation(
          .epochsFence, at: stamp.time,
          "epoch \(epoch) of \(labels.partition(partition)) was closed at \(stamp.time), although epoch \(state.epoch) had begun already",
          events: [state.grant?.number, stamp.number].compactMap { $0 }))
    }
    states[partition, default: State()].epoch = max(state.epoch, epoch + 1)
  }

  private mutating func register(
    _ partition: TopicPartition, _ row: SegmentRow, _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList
  ) {
    let state = states[partition, default: State()]
    if row.epoch < state.epoch {
      let holder = state.holder.map { labels.host($0.agent) } ?? "nobody"
      let granted = state.grant.map { " at \($0.time) (event \($0.number))" } ?? ""
      found.add(
        Violation(
          .epochsFence, at: stamp.time,
          "offsets \(row.base)..<\(row.end) of \(labels.partition(partition)) were registered under epoch \(row.epoch) at \(stamp.time), although epoch \(state.epoch) had been granted to \(holder)\(granted)",
          events: [state.grant?.number, stamp.number].compactMap { $0 }))
    }
    if row.end < state.watermark {
      let earlier =
        state.latestRow.map { " by \($0.row.base)..<\($0.row.end) of epoch \($0.row.epoch) (event \($0.event))" } ?? ""
      found.add(
        Violation(
          .watermarkNeverFalls, at: stamp.time,
          "the watermark of \(labels.partition(partition)) fell from \(state.watermark), set\(earlier), to \(row.end), set by \(row.base)..<\(row.end) of epoch \(row.epoch) at \(stamp.time)",
          events: [state.latestRow?.event, stamp.number].compactMap { $0 }))
    } else if row.base != state.watermark {
      found.add(
        Violation(
          .rowsMatchObjects, at: stamp.time,
          "the row \(row.base)..<\(row.end) of \(labels.partition(partition)), epoch \(row.epoch), registered at \(stamp.time), does not begin at the watermark \(state.watermark)",
          events: [state.latestRow?.event, stamp.number].compactMap { $0 }))
    }
    states[partition, default: State()].watermark = row.end
    states[partition, default: State()].latestRow = (row, stamp.number)
  }

  // What had been synced and not yet told when the service died counts as told from now on.
  private mutating func recovered(
    _ watermarks: [CommittedOffset], _ epochs: [HeldLease], _ stamp: EventStamp, _ labels: Labels,
    _ found: inout ViolationList
  ) {
    for watermark in watermarks {
      let state = states[watermark.partition, default: State()]
      states[watermark.partition, default: State()].watermark = max(state.watermark, watermark.offset)
      guard watermark.offset < state.watermark else { continue }
      found.add(
        Violation(
          .watermarkNeverFalls, at: stamp.time,
          "after its recovery at \(stamp.time) the metadata service has watermark \(watermark.offset) for \(labels.partition(watermark.partition)); it had been \(state.watermark)",
          events: [state.latestRow?.event, stamp.number].compactMap { $0 }))
    }
    for lease in epochs {
      let state = states[lease.partition, default: State()]
      states[lease.partition, default: State()].epoch = max(state.epoch, lease.epoch)
      guard lease.epoch < state.epoch else { continue }
      found.add(
        Violation(
          .epochsFence, at: stamp.time,
          "after its recovery at \(stamp.time) the metadata service has epoch \(lease.epoch) for \(labels.partition(lease.partition)); it had been \(state.epoch)",
          events: [state.grant?.number, stamp.number].compactMap { $0 }))
    }
  }
}
