/// Decodes any bytes as a batch, and asks what was decoded to survive another trip.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBatch(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: data, count: size))
  decode(bytes)
  decode(mended(bytes))
  return 0
}

private func decode(_ bytes: [UInt8]) {
  guard let batch = try? RecordBatch(decoding: bytes) else { return }
  var builder = RecordBatchBuilder()
  batch.forEachRecord(firstOffset: 0) { record in
    guard let copy = try? record.copied() else { preconditionFailure("a checked batch has damaged headers") }
    builder.append(timestamp: copy.timestamp, key: copy.key, value: copy.value, headers: copy.headers)
  }
  let again = builder.finish()
  precondition(again.count == batch.count && again.hasHeaders == batch.hasHeaders)
  // Integers may have been longer than needed; records are the same.
  var first: [Record] = []
  var second: [Record] = []
  batch.forEachRecord(firstOffset: 0) { record in (try? record.copied()).map { first.append($0) } }
  again.forEachRecord(firstOffset: 0) { record in (try? record.copied()).map { second.append($0) } }
  precondition(first == second)
}

/// The same bytes with the right mark and checksum, so that mutations get behind them.
private func mended(_ bytes: [UInt8]) -> [UInt8] {
  guard bytes.count >= 12 else { return bytes }
  var mended = bytes
  let checksum = Checksum.crc32(Array(bytes[8...]))
  for (place, byte) in Array("SHB1".utf8).enumerated() {
    mended[place] = byte
    mended[4 + place] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(place)))
  }
  return mended
}
