/// A table of a page: a caption for those who cannot see it, headings, rows.
struct PageTable {
  /// A column.
  struct Column {
    let heading: String
    let isNumeric: Bool

    /// Text, to the left.
    static func words(_ heading: String) -> Column { Column(heading: heading, isNumeric: false) }
    /// Numbers, to the right.
    static func numbers(_ heading: String) -> Column { Column(heading: heading, isNumeric: true) }
  }

  /// A row.
  struct Row {
    var cells: [Markup]
    /// For links to it.
    var id: String?
    /// For its colour.
    var style: String?
  }

  private let caption: String
  private let isCaptionSeen: Bool
  private let style: String
  private let columns: [Column]
  private var rows: [Row] = []

  /// Makes a table without rows.
  ///
  /// - Parameters:
  ///   - caption: What the table is about.
  ///   - isCaptionSeen: Whether the caption is for all readers, or only for those who hear the page.
  ///   - style: A class, for its looks.
  init(_ caption: String, isCaptionSeen: Bool = false, style: String = "plain", _ columns: Column...) {
    self.caption = caption
    self.isCaptionSeen = isCaptionSeen
    self.style = style
    self.columns = columns
  }

  /// Adds a row.
  mutating func add(_ cells: Markup..., id: String? = nil, style: String? = nil) {
    rows.append(Row(cells: cells, id: id, style: style))
  }

  /// The table, in a box that scrolls where it is too wide for a page.
  var markup: Markup {
    let headings = columns.map { column in
      Markup.element(
        "th", column.isNumeric ? ["scope": "col", "class": "number"] : ["scope": "col"], .text(column.heading))
    }
    let head = Markup.element("thead", [:], .element("tr", [:], children: headings))
    let body = Markup.element("tbody", [:], children: rows.map(markup(of:)))
    let table = Markup.element(
      "table", ["class": style],
      .element("caption", isCaptionSeen ? [:] : ["class": "unseen"], .text(caption)), head, body)
    return .element("div", ["class": "scroll", "role": "region", "aria-label": caption, "tabindex": "0"], table)
  }

  private func markup(of row: Row) -> Markup {
    let cells = zip(row.cells, columns).map { cell, column in
      Markup.element("td", column.isNumeric ? ["class": "number"] : [:], cell)
    }
    var attributes = Attributes()
    if let id = row.id { attributes.add("id", id) }
    if let style = row.style { attributes.add("class", style) }
    return .element("tr", attributes, children: cells)
  }
}
