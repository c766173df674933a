import Configuration
import Testing

/// Deploy/configuration.md names every setting, as the program has it.
@Suite struct SettingTableTests {
    private let rows: [String]

    init() throws {
        rows = try Checkout.text("Deploy/configuration.md").split(separator: "\n").map(String.init)
    }

    @Test(arguments: Setting.allCases) func aSettingIsDocumentedAsTheTableHasIt(setting: Setting) {
        let flag = setting.flag.map { "`\($0)`" } ?? "none"
        let standard = setting.standard.map { "`\($0)`" } ?? "none"
        let row =
            "| `\(setting.rawValue)` | \(flag) | `\(setting.variable)` | \(standard) | \(setting.change.rawValue) | \(setting.sentence) |"
        #expect(rows.contains(row), "\(row)")
    }

    @Test func nothingElseIsDocumented() {
        #expect(rows.count { $0.hasPrefix("| `") } == Setting.allCases.count)
    }

    @Test func aSentenceIsOne() {
        for setting in Setting.allCases {
            #expect(setting.sentence.hasSuffix(".") && setting.sentence.first?.isUppercase == true)
        }
    }
}
