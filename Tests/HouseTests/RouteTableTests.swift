import Configuration
import Gateway
import Testing

/// Deploy/routes.md names every scheme and option, as they are.
@Suite struct RouteTableTests {
    private let rows: [String]

    init() throws {
        let page = try Checkout.text("Deploy/routes.md")
        rows = page.split(separator: "\n").map { String($0.replacing("\\|", with: "|")) }
    }

    @Test(arguments: RouteOption.allCases) func anOptionIsDocumentedAsHelpSaysIt(option: RouteOption) {
        #expect(rows.contains("| `\(option.form)` | \(option.sentence) |"))
    }

    @Test(arguments: ServerScheme.allCases) func aSchemeIsDocumented(scheme: ServerScheme) {
        #expect(rows.contains { $0.hasPrefix("| `\(scheme.rawValue)://` | ") })
    }

    @Test(arguments: DiscoveryKind.allCases) func aWayOfDiscoveryIsDocumented(kind: DiscoveryKind) throws {
        let page = try Checkout.text("Deploy/pools.md").split(separator: "\n")
        #expect(page.contains("| `\(kind.form)` | \(kind.sentence) |"))
    }

    @Test(arguments: Balance.allCases) func aBalanceIsDocumented(balance: Balance) throws {
        let page = try Checkout.text("Deploy/pools.md").split(separator: "\n")
        #expect(page.contains { $0.hasPrefix("| `\(balance.rawValue)` | ") })
    }

    @Test func nothingElseIsDocumented() {
        #expect(rows.count { $0.hasPrefix("| `") && $0.contains("=") } == RouteOption.allCases.count)
    }
}
