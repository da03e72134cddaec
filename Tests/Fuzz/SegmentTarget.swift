/// Reads any bytes as a segment in every way there is, and asks the ways to agree.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSegment(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: data, count: size))
  readEveryWay(bytes)
  readEveryWay(mended(bytes))
  decodeRecords(bytes)
  return 0
}

private func readEveryWay(_ bytes: [UInt8]) {
  let whole = try? SegmentReader(bytes).records()
  let unchecked = try? SegmentReader(bytes, verification: .structure)
  let records = try? unchecked?.records()
  if let whole { precondition(whole == records, "checking the checksum changed the content") }
  if let records {
    precondition(readRanges(bytes) == records, "ranges and whole differ")
    if let header = unchecked?.header { writeAgain(records, header) }
  } else if whole == nil {
    _ = readRanges(bytes)
  }
  for start in [SegmentStart.offset(1 << 40), .timestamp(1 << 40), .ascendingTimestamp(1 << 40), .lastBlock] {
    _ = try? unchecked?.records(startingAt: start)
  }
  try? unchecked?.requireLogOrder()
}

private func readRanges(_ bytes: [UInt8]) -> [Record]? {
  var records: [Record] = []
  var reader = RangedSegmentReader(length: bytes.count, tailSize: 40)
  do {
    while let range = reader.neededRange {
      try reader.supply(Array(bytes[range])) { record in
        records.append(try record.copied())
        return true
      }
    }
    return records
  } catch {
    precondition(error is SegmentError, "an error of another type: \(error)")
    return nil
  }
}

private func writeAgain(_ records: [Record], _ header: SegmentHeader) {
  guard let version = SegmentVersion(rawValue: header.version) else { return }
  var writer = SegmentWriter(version: version, compression: header.compression, blockSizeTarget: 64)
  do {
    for record in records { try writer.append(record) }
    let again = try SegmentReader(writer.finish()).records()
    // A producer with id 0 is none.
    let expected = records.map { record in
      var record = record
      if record.producer?.id == 0 { record.producer = nil }
      return record
    }
    precondition(again == expected, "writing and reading again changed the content")
  } catch {
    preconditionFailure("what was read cannot be written: \(error)")
  }
}

/// The same bytes with a footer whose magic and checksum are right, so that mutations get behind them.
private func mended(_ bytes: [UInt8]) -> [UInt8] {
  guard bytes.count >= 128 else { return bytes }
  var mended = bytes
  let footer = bytes.count - 32
  for (place, byte) in Array("STRM".utf8).enumerated() {
    mended[place] = byte
    mended[footer + 12 + place] = byte
  }
  var checksum = Checksum.crc32(Array(mended[..<footer]))
  if mended[5] == 2 {
    let position = mended[footer..<(footer + 8)].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    if let index = Int(exactly: position), index >= 64, index <= footer {
      checksum = Checksum.crc32(Array(mended[..<64]))
      checksum = Checksum.crc32(Array(mended[index..<(footer + 8)]), seed: checksum)
    }
    for place in 16..<32 { mended[footer + place] = 0 }
  }
  for place in 0..<4 { mended[footer + 8 + place] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * place)) }
  return mended
}

/// Decodes bytes as the records of a block, because mutations hardly get behind a block's checksum in version 2.
private func decodeRecords(_ bytes: [UInt8]) {
  bytes.withUnsafeBytes { block in
    guard let base = block.baseAddress else { return }
    let entry = SegmentIndexEntry(offset: 0, position: 64, timestamp: 0, details: nil)
    var one = BlockDecoderOne(block: block, entry: entry, empty: base)
    while !one.cursor.isAtEnd, (try? one.next().copied()) != nil {}
    var two = BlockDecoderTwo(block: block, entry: entry, empty: base)
    while !two.cursor.isAtEnd, (try? two.next().copied()) != nil {}
  }
}
