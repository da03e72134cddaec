/// How pages look: light and dark, on paper and on a telephone.
enum PageStyle {
  /// How many colours lines and lanes take turns in.
  static let colours = 6

  /// Colours that can be told apart with the common colour-vision deficiencies, on light and on dark.
  private static let light = ["#0b62a4", "#b35900", "#a3206e", "#2e7d32", "#6a4fb3", "#00798c"]
  private static let dark = ["#6cb6ff", "#f0a35e", "#f284bd", "#7ccf81", "#b8a3f2", "#5fd0e0"]

  static var sheet: String {
    base + palette(light) + "@media (prefers-color-scheme: dark){\(darkBase)\(palette(dark))}"
  }

  private static func palette(_ colours: [String]) -> String {
    colours.enumerated().map { ".c\($0){stroke:\($1)}.t\($0){color:\($1);fill:\($1)}.f\($0){fill:\($1)}" }.joined()
  }

  private static let base = """
    :root{--text:#1c2126;--soft:#5a646e;--back:#fff;--line:#d9dee3;--shade:#f4d9a8}
    body{margin:0;background:var(--back);color:var(--text);font:15px/1.5 system-ui,sans-serif}
    main{max-width:980px;margin:0 auto;padding:24px 16px}
    h1{font-size:26px;margin:0 0 4px}h2{font-size:18px;margin:32px 0 6px}h3{font-size:15px;margin:16px 0 4px}
    .teaches,.note{color:var(--soft);margin:4px 0}
    .verdict{font-weight:600;padding:8px 12px;border-left:5px solid #b3261e;background:rgba(179,38,30,.08)}
    .verdict.pass{border-color:#2e7d32;background:rgba(46,125,50,.1)}
    .verdict.unfinished{border-color:#b35900;background:rgba(179,89,0,.1)}
    table{border-collapse:collapse;width:100%;font-size:14px}
    td,th{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
    td:first-child{white-space:nowrap}.wide{overflow-x:auto}.wide td:not(:last-child){white-space:nowrap}
    code,pre{font:13px/1.45 ui-monospace,monospace}pre{overflow-x:auto}
    svg{width:100%;height:auto;display:block}.grid{stroke:var(--line)}.line{fill:none;stroke-width:1.8}
    .tick{font-size:11px;fill:var(--soft)}.legend{font-size:12px}.window{fill:var(--shade);opacity:.55}
    .mark{stroke:var(--soft);stroke-dasharray:4 3}a{color:inherit}tr:target{background:var(--shade)}
    @media print{main{max-width:none}details{display:none}}
    """

  private static let darkBase =
    ":root{--text:#e4e8ec;--soft:#9aa5b1;--back:#15191e;--line:#333c46;--shade:#5a4312}"
}
