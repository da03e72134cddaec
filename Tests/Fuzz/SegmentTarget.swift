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
  if let unchecked {
    for start in interestingStarts(records ?? []) {
      let sought = try? unchecked.records(startingAt: start)
      precondition(readRanges(bytes, from: start) == sought, "ranges and whole differ from \(start)")
      if let records, let expected = filtered(records, from: start, unchecked) {
        precondition(sought == expected, "a seek to \(start) differs from a filter of the records")
      }
    }
  }
  try? unchecked?.requireLogOrder()
}

/// Starts around the first, the middle and the last record, and one far away.
private func interestingStarts(_ records: [Record]) -> [SegmentStart] {
  var starts: [SegmentStart] = [.offset(1 << 40), .timestamp(1 << 40), .ascendingTimestamp(1 << 40), .lastBlock]
  for record in [records.first, records.isEmpty ? nil : records[records.count / 2], records.last] {
    guard let record else { continue }
    for step in [UInt64.max, 0, 1] {
      starts += [
        .offset(record.offset &+ step), .timestamp(record.timestamp &+ step),
        .ascendingTimestamp(record.timestamp &+ step),
      ]
    }
  }
  return starts
}

/// What a read from `start` has to give, by the records alone; nil where the file keeps no promise about it.
private func filtered(_ records: [Record], from start: SegmentStart, _ reader: SegmentReader) -> [Record]? {
  switch start {
  case .offset(let offset):
    guard zip(records, records.dropFirst()).allSatisfy({ $0.offset < $1.offset }) else { return nil }
    return records.filter { $0.offset >= offset }
  case .ascendingTimestamp(let timestamp):
    guard zip(records, records.dropFirst()).allSatisfy({ $0.timestamp <= $1.timestamp }) else { return nil }
    return records.filter { $0.timestamp >= timestamp }
  case .timestamp(let timestamp):
    return Array(records.drop { $0.timestamp < timestamp })
  case .lastBlock:
    var last = 0
    try? reader.forEachRecord(inBlock: reader.index.count - 1) { _ in
      last += 1
      return true
    }
    return records.suffix(last)
  }
}

private func readRanges(_ bytes: [UInt8], from start: SegmentStart = .offset(0)) -> [Record]? {
  var records: [Record] = []
  var reader = RangedSegmentReader(length: bytes.count, start: start, tailSize: 40)
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
    precondition(again == records, "writing and reading again changed the content")
  } catch {
    preconditionFailure("what was read cannot be written: \(error)")
  }
}

/// The same bytes with marks, checksums and reserved bytes that are right, so that mutations get behind them.
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
    for place in 32..<64 { mended[place] = 0 }
    if let index = Int(exactly: position), index >= 64, index <= footer {
      mendBlocks(index: index, footer: footer, in: &mended)
      checksum = Checksum.crc32(Array(mended[..<64]))
      checksum = Checksum.crc32(Array(mended[index..<(footer + 8)]), seed: checksum)
    }
    for place in 16..<32 { mended[footer + place] = 0 }
  }
  put(checksum, at: footer + 8, in: &mended)
  return mended
}

/// Makes the checksums of the blocks of version 2 right, where their places make sense.
private func mendBlocks(index: Int, footer: Int, in bytes: inout [UInt8]) {
  let entries = Array(stride(from: index + 4, through: footer - 48, by: 48))
  func position(_ entry: Int) -> UInt64 { bytes[(entry + 8)..<(entry + 16)].reduce(0) { $0 << 8 | UInt64($1) } }
  for (number, entry) in entries.enumerated() {
    let end = number + 1 < entries.count ? position(entries[number + 1]) : UInt64(index)
    let start = position(entry)
    guard start >= 64, start <= end, end <= UInt64(index) else { continue }
    put(Checksum.crc32(Array(bytes[Int(start)..<Int(end)])), at: entry + 40, in: &bytes)
    for place in 44..<48 { bytes[entry + place] = 0 }
  }
}

private func put(_ value: UInt32, at position: Int, in bytes: inout [UInt8]) {
  for place in 0..<4 { bytes[position + place] = UInt8(truncatingIfNeeded: value >> (24 - 8 * place)) }
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
