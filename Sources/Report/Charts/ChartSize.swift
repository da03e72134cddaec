/// How large a chart is drawn. A page holds each chart twice and shows the one that suits its width, so that letters stay legible.
public struct ChartSize: Sendable {
  /// The width.
  public let width: Double
  /// The height of what lies between the axes, where the chart is free to choose it.
  public let plotHeight: Double
  /// Most rows of labels above the plot.
  public let labelRows: Int
  /// The widest a label beside the plot gets.
  public let marginLimit: Double
  /// The class that shows it where it suits.
  public let style: String

  /// For screens of desks, and for paper.
  public static let wide = ChartSize(
    width: 960, plotHeight: 230, labelRows: 5, marginLimit: 150, style: "wide")
  /// For screens of hands.
  public static let narrow = ChartSize(
    width: 380, plotHeight: 190, labelRows: 4, marginLimit: 84, style: "narrow")
}
