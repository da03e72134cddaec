import Testing

@testable import Scenarios

@Suite struct FormatReferenceTests {
  @Test func theReferenceDescribesEverySectionOnce() {
    let text = Sample.schema.markdown(title: "Scenario files")
    #expect(text.hasPrefix("# Scenario files\n\nA whole scenario.\n\n| key | type | default | limits | meaning |\n"))
    #expect(text.contains("| `name` | text | required | 1 to 64 characters: letters, digits"))
    #expect(text.contains("| `leaseTerm` | duration | `10s` | 1ms to 1h | How long a lease lasts. |"))
    #expect(text.contains("| `retries` | section [retries] or `none` | `none` |"))
    #expect(text.contains("| `kind` | word | required | `crash`, `loss` | What happens. |"))
    for section in ["agents", "store", "topic", "producers", "retries", "fault", "kind: crash", "kind: loss"] {
      #expect(text.split(separator: "\n").filter { $0 == "## \(section)" }.count == 1, "\(section)")
    }
  }

  @Test func aPipeInATableIsEscaped() {
    let row = ReferenceRow(key: "a", type: "b|c", base: nil, limits: nil, meaning: "d\ne")
    #expect(row.markdown == "| `a` | b\\|c | required |  | d e |")
  }

  @Test func theNearestNameToleratesSwapsCaseAndSeparators() {
    let names = ["leaseTerm", "count", "segmentBytes"]
    #expect(NearestName.find("laeseTerm", among: names) == "leaseTerm")
    #expect(NearestName.find("lease_term", among: names) == "leaseTerm")
    #expect(NearestName.find("SEGMENTBYTES", among: names) == "segmentBytes")
    #expect(NearestName.find("compression", among: names) == nil)
    #expect(NearestName.find("", among: names) == nil)
  }
}
