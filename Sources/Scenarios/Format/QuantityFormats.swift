extension Format where Value: FixedWidthInteger {
  /// A duration stored in nanoseconds: `10s`, `1.5s`, `250ms`, `30us`, `500ns`, `5m`, `2h`. A bare number is refused.
  public static func duration(in limits: ClosedRange<Value>) -> Format { quantity(.duration, limits) }

  /// A number of bytes: `100B`, `64KiB`, `8MiB`, `1GiB`, or decimal `kB`, `MB`, `GB`.
  ///
  /// A bare number is refused as it is for durations, so that no value of a scenario has a unit to be guessed.
  public static func bytes(in limits: ClosedRange<Value>) -> Format { quantity(.bytes, limits) }

  /// A probability stored in millionths: `5%`, `0.5%`, `0.0001%`.
  public static func probability(in limits: ClosedRange<Value> = 0...Value(clamping: 1_000_000)) -> Format {
    quantity(.probability, limits)
  }

  private static func quantity(_ table: UnitTable, _ limits: ClosedRange<Value>) -> Format {
    let print = { @Sendable (value: Value) in table.print(Int128(clamping: value)) }
    let words = "\(print(limits.lowerBound)) to \(print(limits.upperBound))"
    return Format(scalar: table.quantity, limits: words, example: "something like \(table.example)") { text in
      try checked(try table.parse(text), text, limits, print: print)
    } print: {
      print($0)
    }
  }
}

extension Format where Value == Rate {
  /// Events per time: `500/s`, `20/m`, `5/10s`.
  public static func rate(in limits: ClosedRange<Rate>) -> Format {
    let words = "\(limits.lowerBound) to \(limits.upperBound)"
    return Format(scalar: "rate", limits: words, example: "something like 500/s") { text in
      let rate = try Rate.parse(text)
      guard limits.contains(rate) else { throw Misfit("\(shown(text)) is out of limits", "write \(words)") }
      return rate
    } print: {
      $0.description
    }
  }
}

extension Format {
  /// A range `1s..10s` of values of another format; a single value is a range of one.
  public static func range<Bound>(of bound: Format<Bound>) -> Format where Value == ClosedRange<Bound> {
    let type = "range of \(bound.type)s"
    return Format(type: type, limits: bound.limits) { cursor, _ in
      guard let text = cursor.node.scalarText, let split = text.firstRange(ofText: "..") else {
        return bound.read(cursor, nil).map { $0...$0 }
      }
      func half(_ text: Substring, skipping columns: Int) -> Bound? {
        let node = SourceNode(
          content: .scalar(text: String(text), isPlain: true), place: cursor.node.place.moved(columns: columns))
        return bound.read(Cursor(node: node, path: cursor.path, reader: cursor.reader), nil)
      }
      let lower = half(text[..<split.lowerBound], skipping: 0)
      let upper = half(text[split.upperBound...], skipping: text[..<split.upperBound].unicodeScalars.count)
      guard let lower, let upper else { return nil }
      guard lower <= upper else {
        return cursor.fail("the range \(shown(text)) ends before it begins", "write the smaller value first")
      }
      return lower...upper
    } write: { range in
      let lower = bound.write(range.lowerBound)
      let upper = bound.write(range.upperBound)
      guard case .scalar(let first, _) = lower, case .scalar(let last, _) = upper, first != last else { return lower }
      return .scalar("\(first)..\(last)", isText: false)
    }
  }
}

extension String {
  /// The first occurrence of an ASCII text.
  fileprivate func firstRange(ofText text: String) -> Range<Index>? {
    var start = utf8.startIndex
    while start < utf8.endIndex {
      if utf8[start...].starts(with: text.utf8) { return start..<utf8.index(start, offsetBy: text.utf8.count) }
      start = utf8.index(after: start)
    }
    return nil
  }
}
