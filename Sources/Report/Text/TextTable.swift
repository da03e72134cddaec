/// Rows with aligned columns: the first to the left, the others to the right.
struct TextTable {
  private var rows: [[String]] = []

  /// Adds a row.
  mutating func add(_ cells: String...) { rows.append(cells.map(\.withoutControls)) }

  /// The rows as lines.
  func lines() -> [String] {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += column == 0 ? cell.padded(to: widths[0]) : "  " + cell.paddedLeft(to: widths[column])
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
