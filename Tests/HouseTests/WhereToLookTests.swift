import Foundation
import Testing

/// Sources/README.md names files; this holds it to those that are there.
@Suite struct WhereToLookTests {
    /// Paths in it are from its own folder on, or from the top.
    @Test func everyFileItNamesIsThere() throws {
        let page = try Checkout.text("Sources/README.md")
        let named = page.matches(of: /`([^`]*\/[^`]*)`/).map { String($0.output.1) }
        #expect(!named.isEmpty)
        for path in named {
            #expect(isThere("Sources/\(path)") || isThere(path), "\(path)")
        }
    }

    @Test func everyLinkLeadsSomewhere() throws {
        let page = try Checkout.text("Sources/README.md")
        let links = page.matches(of: /\]\(([^)#]+)/).map { String($0.output.1) }
        #expect(!links.isEmpty)
        for link in links {
            #expect(isThere("Sources/\(link)"), "\(link)")
        }
    }

    private func isThere(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: Checkout.root.appending(path: path).path)
    }
}
