import Nodes
import Simulation

/// Writes what clients sent, were told and polled as JSON Lines, so that others can check a run.
///
/// `{"event":7,"seconds":1.234567890,"host":"producer-1","type":"send","topic":1,"partition":0,"records":["1#0"]}`; `type` is `send`, `ack`, `fail`, `unknown`, `told`, `poll` or `move`; `told` is what an application heard that waited for one record, `move` tells to which offset a consumer went other than by reading. A record is named by its producer's number and its own; `offsets` stand beside the records polled.
struct HistoryWriter {
  let write: (String) -> Void
  let host: (HostID) -> String

  func observe(_ event: HeardEvent, _ stamp: EventStamp) {
    switch event {
    case .workload(let event): observe(event, stamp)
    case .other(let event as ConsumerMoved): observe(event, stamp)
    case .cluster, .agent, .pipeline, .other: break
    }
  }

  private func observe(_ event: WorkloadEvent, _ stamp: EventStamp) {
    switch event {
    case .batchClosed(_, let batch): line("send", stamp, batch.partition, names(batch.tags))
    case .batchDelivered(_, let batch):
      switch batch.outcome {
      case .acknowledged(let offset):
        let number = offset.number.map { ",\"offset\":\($0)" } ?? ""
        let isFinal = if case .provisional = offset { "false" } else { "true" }
        line(
          "ack", stamp, batch.partition,
          names(batch.tags) + number + ",\"final\":\(isFinal),\"attempts\":\(batch.attempts)")
      case .failed: line("fail", stamp, batch.partition, names(batch.tags))
      case .unknown: line("unknown", stamp, batch.partition, names(batch.tags))
      }
    case .recordTold(_, let record, let partition, let offset):
      let number = offset.number.map { ",\"offset\":\($0)" } ?? ""
      let isFinal = if case .provisional = offset { "false" } else { "true" }
      line("told", stamp, partition, names([record]) + number + ",\"final\":\(isFinal)")
    case .polled(let records):
      let offsets = records.contents.map { String($0.offset) }.joined(separator: ",")
      let group = records.group.map { ",\"group\":\"\($0.escapedForJSON)\"" } ?? ""
      line(
        "poll", stamp, records.partition, names(records.contents.map(\.content)) + ",\"offsets\":[\(offsets)]" + group)
    case .handled, .producerStarted, .producerClosed, .producerFinished, .consumerFailed, .recordAimed, .recordRefused,
      .commitAsked, .commitTold, .partitionPaused, .unreadable:
      break
    }
  }

  /// A consumer goes on elsewhere.
  private func observe(_ event: ConsumerMoved, _ stamp: EventStamp) {
    let group = event.group.map { ",\"group\":\"\($0.escapedForJSON)\"" } ?? ""
    line("move", stamp, event.partition, names([]) + ",\"offset\":\(event.offset)" + group)
  }

  private func names(_ identities: [UInt64]) -> String {
    let names = identities.map { identity in
      identity >> 63 == 1
        ? "\"\(String(identity, radix: 16))\""
        : "\"\(WorkloadRecord(identity: identity).producer)#\(WorkloadRecord(identity: identity).number)\""
    }
    return ",\"records\":[" + names.joined(separator: ",") + "]"
  }

  private func line(_ type: String, _ stamp: EventStamp, _ partition: TopicPartition, _ rest: String) {
    let nanoseconds = stamp.time.nanoseconds
    let fraction = String(nanoseconds % 1_000_000_000)
    let seconds = "\(nanoseconds / 1_000_000_000)." + String(repeating: "0", count: 9 - fraction.count) + fraction
    write(
      "{\"event\":\(stamp.number),\"seconds\":\(seconds),\"host\":\"\(host(stamp.host))\",\"type\":\"\(type)\","
        + "\"topic\":\(partition.topic.rawValue),\"partition\":\(partition.index)\(rest)}")
  }
}
