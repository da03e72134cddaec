extension EventKind {
  static let started = EventKind(code: 1, name: "started")
  static let crashed = EventKind(code: 2, name: "crashed")
  static let paused = EventKind(code: 3, name: "paused")
  static let resumed = EventKind(code: 4, name: "resumed")
  static let sent = EventKind(code: 5, name: "sent")
  static let replySent = EventKind(code: 6, name: "replySent")
  static let delivered = EventKind(code: 7, name: "delivered")
  static let dropped = EventKind(code: 8, name: "dropped")
  static let refused = EventKind(code: 9, name: "refused")
  static let messageFault = EventKind(code: 10, name: "messageFault")
  static let timer = EventKind(code: 11, name: "timer")
  static let timedOut = EventKind(code: 12, name: "timedOut")
  static let disk = EventKind(code: 13, name: "disk")
  static let diskLoss = EventKind(code: 14, name: "diskLoss")
  static let fault = EventKind(code: 15, name: "fault")
  static let healed = EventKind(code: 16, name: "healed")
  static let probe = EventKind(code: 17, name: "probe")
  static let ended = EventKind(code: 24, name: "ended")

  /// Whether what follows in the same step is caused by an event of this kind.
  var setsThingsGoing: Bool {
    switch code {
    case 1, 2, 4, 7, 11, 12, 13, 24: true
    default: false
    }
  }
}
