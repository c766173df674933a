import Operations
import Testing

/// Deploy/metrics.md names every metric, as it is on the page.
@Suite struct MetricTableTests {
    private let rows: [String]

    init() throws {
        rows = try Checkout.text("Deploy/metrics.md").split(separator: "\n").map(String.init)
    }

    @Test func everyMetricIsDocumentedAsItsHelpSaysIt() {
        for family in MetricsPage.families {
            let labels = family.labels.isEmpty ? "" : "{\(family.labels.joined(separator: ", "))}"
            let row = "| `\(family.name)\(labels)` | \(family.kind.rawValue) | \(family.help) |"
            #expect(rows.contains(row), "\(row)")
        }
    }

    @Test func nothingElseIsDocumented() {
        let documented = rows.filter { $0.hasPrefix("| `torii_") || $0.hasPrefix("| `process_") }
        #expect(documented.count == MetricsPage.families.count)
    }
}
