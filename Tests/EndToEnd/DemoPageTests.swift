import Foundation
import Testing

extension BrowserTests {
    /// The demo's page as a document: what its headers forbid, and who can use it.
    @Suite struct DemoPageTests {
        @Test func everyFileComesWithAStrictPolicy() async throws {
            try await GatewayProgram.running(["demo", "--game-port", "0"]) { gateway in
                let page = try await Demo.curl("\(gateway.origin)/")
                let names = page.body.matches(of: #/(?:href|src)="([\w.]+)"/#).map { String($0.1) }
                #expect(Set(names).isSuperset(of: ["gate.svg", "style.css", "main.js"]))
                for path in Set(names + ["", "hosts.json"]) {
                    let reply = try await Demo.curl("\(gateway.origin)/\(path)")
                    #expect(reply.status == 200, "\(path)")
                    let policy = Set(
                        reply.headers["content-security-policy"]?.split(separator: ";").map {
                            $0.trimmingCharacters(in: .whitespaces)
                        } ?? [])
                    // Everything is forbidden but the page's own files; no inline script or style, no eval.
                    #expect(
                        policy == [
                            "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
                            "img-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
                            "require-trusted-types-for 'script'", "trusted-types 'none'",
                        ], "\(path)")
                    #expect(reply.headers["x-content-type-options"] == "nosniff")
                    #expect(reply.headers["referrer-policy"] == "no-referrer")
                    #expect(reply.headers["permissions-policy"]?.contains("camera=()") == true)
                }
            }
        }

        /// No rule of WCAG 2.2 A and AA that axe-core can check is broken, with the panel open and closed, and in the
        /// dialog.
        @Test(.requires(.chromium, .firefox, .axe), arguments: Browser.available)
        func everyoneCanUseIt(browser: Browser) async throws {
            try await Demo.running { gateway, _ in
                for viewport in [Viewport.desktop, .phone] {
                    try await browser.driving("\(gateway.origin)/", viewport) { page in
                        _ = try await Demo.entered(page)
                        let axe = try String(contentsOfFile: Requirement.axe.path(), encoding: .utf8)
                        try await page.evaluate("(() => { \(axe)\n })()")
                        try await check(page, "\(viewport)")
                        try await page.tap("#toggle")
                        try await check(page, "\(viewport), the other way round")
                        try await page.evaluate("document.getElementById('invite').click()")
                        try await page.until("document.getElementById('invitation').open")
                        try await check(page, "\(viewport), with the invitation")
                        try await Demo.expectNothingForbidden(on: page)
                    }
                }
            }
        }

        private func check(_ page: any DrivenPage, _ situation: String) async throws {
            let result = try await page.evaluate(
                """
                axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
                    .then(({ violations, passes }) => ({
                        violations: violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) =>
                            `${id}: ${html.slice(0, 120)} ${any[0]?.message ?? ''}`)),
                        passed: passes.map(({ id }) => id),
                    }))
                """)
            #expect(result["violations"].array == [], "\(situation)")
            let passed = Set(result["passed"].array?.compactMap(\.string) ?? [])
            #expect(passed.isSuperset(of: ["color-contrast", "button-name"]), "\(situation)")
        }

        /// A screen reader is told of the connection and of the chat, and only of these.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func whatHappensIsTold(browser: Browser) async throws {
            try await Demo.running { gateway, _ in
                try await browser.driving("\(gateway.origin)/") { page in
                    _ = try await Demo.entered(page)
                    let live = try await page.evaluate(
                        """
                        [...document.querySelectorAll('[role=status], [role=log], [role=alert], [aria-live]')]
                            .map(({ id, role }) => `${role} ${id}`)
                        """)
                    #expect(live.array == ["status status", "alert reason", "log log"])
                    let status = try await page.evaluate("document.getElementById('status').textContent")
                    #expect(status.string == "In the game")
                    // The gateway stops: that is said, with its reason, and what to do.
                    gateway.process.signal(SIGTERM)
                    let reason = try await page.until(
                        "toriiDemo.state !== 'joined' && document.getElementById('reason').textContent")
                    #expect(reason.string?.hasSuffix(".") == true, "\(reason)")
                    #expect(try await page.evaluate("document.getElementById('again').checkVisibility()").bool == true)
                }
            }
        }
    }
}
