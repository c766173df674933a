import Foundation
import Testing

extension BrowserTests {
    /// The gateway's own TLS, in browsers that verify it by an authority they were told to trust.
    @Suite struct HTTPSTests {
        /// Page, library and signaling are all of one origin with https: a secure context, in which a player plays.
        @Test(.requires(.chromium, .firefox, .certutil), arguments: Browser.available)
        func aPageOverHTTPSJoinsAndPlays(browser: Browser) async throws {
            try await ServerCertificate.withFiles { files in
                let options = ["--http-certificate", files.certificate, "--http-key", files.key]
                try await Demo.running(options) { gateway, observer in
                    #expect(gateway.origin.hasPrefix("https://"))
                    try await browser.driving("\(gateway.origin)/", authority: files.authority) { page in
                        let id = try await Demo.entered(page)
                        #expect(try await page.evaluate("isSecureContext && location.protocol") == "https:")
                        let before = try await Demo.place(page)
                        try await page.evaluate("document.getElementById('world').focus()")
                        try await page.holding("ArrowLeft") {
                            try await page.until(
                                "toriiDemo.players.find(({ id }) => id === \(id)).x < \(before.x - 15)")
                        }
                        try await observer.event("moved") { $0["id"].int == id }
                        try await Demo.expectNothingForbidden(on: page)
                    }
                    let welcome = gateway.process.output.entries
                    #expect(welcome.contains("    \(gateway.origin)/"), "\(welcome)")
                }
            }
        }

        /// The client's library on a page of another origin; and a browser that does not know the authority asks for nothing.
        @Test(.requires(.chromium, .firefox, .certutil), arguments: Browser.available)
        func theCertificateIsVerified(browser: Browser) async throws {
            try await ServerCertificate.withFiles { files in
                let options = ["--http-certificate", files.certificate, "--http-key", files.key]
                try await ENetProgram.echoServer { _, port in
                    try await GatewayProgram.serving(
                        ["world=enet://127.0.0.1:\(port)?profile=channels"], options: options
                    ) { gateway in
                        let trusting = try await browser.run(
                            "echo", "kinds", join: gateway.join("world"), authority: files.authority)
                        #expect(trusting.error == nil)
                        let position = gateway.process.errors.entries.count
                        let other = try await browser.run("echo", "kinds", join: gateway.join("world"))
                        #expect(other.error != nil)
                        #expect(
                            !gateway.process.errors.entries.dropFirst(position).contains { $0.contains(" joined ") })
                    }
                }
            }
        }
    }
}
