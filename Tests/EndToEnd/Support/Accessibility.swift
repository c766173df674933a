import Foundation
import Testing

/// What axe-core finds in a page.
enum Accessibility {
    static func prepare(_ page: any DrivenPage) async throws {
        let axe = try String(contentsOfFile: Requirement.axe.path(), encoding: .utf8)
        try await page.evaluate("(() => { \(axe)\n })()")
    }

    /// A rule that must have something to say may be undecided while the page still moves: it is then asked again.
    static func check(_ page: any DrivenPage, _ situation: String) async throws {
        var passed: Set<String> = []
        var undecided: JSONValue = .null
        let end = ContinuousClock.now + .seconds(30)
        while !passed.isSuperset(of: ["color-contrast", "button-name"]), ContinuousClock.now < end {
            try await page.evaluate(
                """
                Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))
                    .then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
                    .then(() => true)
                """)
            let result = try await page.evaluate(
                """
                axe.run(document, {
                    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
                }).then(({ violations, passes, incomplete }) => ({
                    violations: violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) =>
                        `${id}: ${html.slice(0, 120)} ${any[0]?.message ?? ''}`)),
                    passed: passes.map(({ id }) => id),
                    undecided: incomplete.map(({ id, nodes }) => `${id}: ${nodes[0]?.any[0]?.message ?? ''}`),
                }))
                """)
            #expect(result["violations"].array == [], "\(situation)")
            passed = Set(result["passed"].array?.compactMap(\.string) ?? [])
            undecided = result["undecided"]
        }
        #expect(passed.isSuperset(of: ["color-contrast", "button-name"]), "\(situation): \(undecided)")
    }
}
