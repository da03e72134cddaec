/// What is wrong with a machine's disk now.
struct DiskTrouble {
  /// What every operation takes longer.
  var stall = VirtualDuration.zero
  /// How likely a sync fails, in parts per million.
  var syncErrors: UInt32 = 0
  /// Whether it takes no more bytes.
  var isFull = false
}

extension DiskState.File {
  /// What a failed sync left out reads as zeros once the process that wrote it is gone; tells how many bytes that are.
  mutating func loseWhatNeverSynced() -> Int {
    var lost = 0
    for range in neverSynced {
      for position in range.clamped(to: 0..<content.count) { content[position] = 0 }
      lost += range.count
    }
    neverSynced = []
    return lost
  }
}

extension Faults {
  private static let syncStream = RandomStreamName("disk.sync")
  private static let flipStream = RandomStreamName("disk.flip")

  /// Whether a sync of a machine's disk that is due now fails. Drawn by the machine and the sync's number.
  func failsSync(of machine: Machine) -> Bool {
    let odds = machine.disk.trouble.syncErrors
    guard odds > 0 || simulation.choices.isReplay else { return false }
    let ordinal = machine.disk.syncs + 1
    let key = UInt64(machine.id.rawValue)
    let outcome = simulation.choices.choose(.disk, subject: key, ordinal: ordinal) {
      simulation.randomness.draw(Self.syncStream, key: key, ordinal: ordinal).scaled(below: 1_000_000) < UInt64(odds)
        ? 1 : 0
    }
    if outcome != 0 { fired("diskErrors") }
    return outcome != 0
  }

  /// Sets what is wrong with a machine's disk by the entries in force: stalls add up, of error rates the highest holds.
  func troubleDisk(of machine: Machine, by entries: [Fault]) {
    var trouble = DiskTrouble()
    for fault in entries {
      switch fault {
      case .diskStall(machine.name, let extra): trouble.stall = trouble.stall + extra
      case .diskErrors(machine.name, let odds): trouble.syncErrors = max(trouble.syncErrors, odds)
      case .diskFull(machine.name): trouble.isFull = true
      default: break
      }
    }
    machine.disk.trouble = trouble
  }

  /// Flips a bit drawn by the entry; tells whether there was one.
  func flipBit(of machine: Machine, entry: Int) -> Bool {
    let draw = simulation.randomness.draw(Self.flipStream, key: UInt64(machine.id.rawValue), ordinal: UInt64(entry))
    guard let (name, position) = machine.disk.flipBit(draw) else { return false }
    simulation.record(.diskLoss, on: nil) { log in
      log.text("file", name)
      log.number("position", position)
    }
    return true
  }
}
