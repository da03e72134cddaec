/// Recovers any bytes as a log of either format, and asks what was recovered to survive another trip.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLog(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: data, count: size))
  recover(bytes)
  recover(mended(bytes))
  let original = OriginalLog.recover(bytes)
  precondition(original.validLength + original.tornTail <= bytes.count)
  precondition(original.damage.allSatisfy { $0.position + $0.length <= bytes.count })
  return 0
}

private func recover(_ bytes: [UInt8]) {
  let recovery = WriteAheadLog.recover(bytes)
  precondition(recovery.validLength + recovery.tornTail <= bytes.count)
  var lost = recovery.tornTail
  for damage in recovery.damage {
    precondition(damage.position + damage.length <= bytes.count && damage.length > 0)
    precondition(!damage.description.isEmpty)
    lost += damage.length
  }
  var again: [UInt8] = []
  for entry in recovery.entries { WriteAheadLog.encode(entry, into: &again, filePosition: 0) }
  precondition(again.count + lost == bytes.count, "every byte is an entry's, damage or the torn tail")
  let second = WriteAheadLog.recover(again)
  precondition(second.entries == recovery.entries && second.damage.isEmpty && second.tornTail == 0)
}

/// The same bytes with right checksums wherever an entry begins, so that mutations get behind them.
private func mended(_ bytes: [UInt8]) -> [UInt8] {
  var mended = bytes
  let mark = Array("SHLE".utf8)
  var position = 0
  while position + 52 <= mended.count {
    guard Array(mended[position..<(position + 4)]) == mark else {
      position += 1
      continue
    }
    let length = (0..<4).reduce(0) { $0 | Int(mended[position + 4 + $1]) << (8 * $1) }
    let end = position + 16 + length
    if length >= 48, end <= mended.count {
      let batch = position + 52
      put(Checksum.crc32(Array(mended[(batch + 8)..<end])), at: batch + 4, in: &mended)
      put(Checksum.crc32(Array(mended[(position + 16)..<end])), at: position + 8, in: &mended)
    }
    let place = (0..<8).map { UInt8(truncatingIfNeeded: position >> (8 * $0)) }
    put(Checksum.crc32(place + mended[position..<(position + 12)]), at: position + 12, in: &mended)
    position += 16
  }
  return mended
}

private func put(_ value: UInt32, at position: Int, in bytes: inout [UInt8]) {
  for place in 0..<4 { bytes[position + place] = UInt8(truncatingIfNeeded: value >> (8 * place)) }
}
