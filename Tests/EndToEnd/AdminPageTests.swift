import Foundation
import Testing

extension BrowserTests {
    /// The admin page in real browsers, with a real player to look at.
    @Suite struct AdminPageTests {
        /// From the token to the end of a session, which player and server hear of; with a rule-checker at every stop.
        @Test(.requires(.chromium, .firefox, .axe), arguments: Browser.available, [false, true])
        func aPlayerIsSeenAndRemoved(browser: Browser, isLight: Bool) async throws {
            try await AdminWorld.running { gateway, server in
                // Rules are checked for long on a busy machine.
                let report = try await browser.run(
                    "client", "stay", join: gateway.join("world"), parameters: ["patience": "150"],
                    within: .seconds(180)
                ) { player in
                    _ = try await player.step("playing")
                    let url = "http://\(gateway.admin)/"
                    try await browser.driving(url, taste: Taste(isLight: isLight)) { page in
                        try await Accessibility.prepare(page)
                        try await entering(page)
                        try await looking(page)
                        try await capturing(page)
                        try await removing(page)
                        try await Demo.expectNothingForbidden(on: page)
                    }
                    let ended = try await player.step("ended")
                    #expect(ended["code"].string == "removed-by-operator")
                    #expect(ended["reason"].string == "An operator removed the player: Too loud.")
                    #expect(ended["transient"].bool == false)
                    #expect(try await server.event("disconnected")["data"].int == 77)
                }
                #expect(report.error == nil)
                #expect(try await gateway.ended()["reason"] == "removed-by-operator")
            }
        }

        private func entering(_ page: any DrivenPage) async throws {
            try await Accessibility.check(page, "before the token")
            try await AdminWorld.enter(page, with: "wrong-token-wrong-token")
            let problem = "document.getElementById('problem').textContent"
            try await page.until("\(problem).startsWith('The token is wrong')")
            #expect(try await page.evaluate("document.getElementById('rooms').checkVisibility()").bool == false)
            try await AdminWorld.enter(page)
            try await page.until("document.getElementById('status').textContent === 'Players are taken'")
            #expect(try await page.evaluate(problem).string == "")
            // In its tab, and in no address.
            #expect(try await page.evaluate("location.href.includes('Zm9y') || document.cookie !== ''").bool == false)
        }

        private func looking(_ page: any DrivenPage) async throws {
            let row = "document.querySelector('#sessions tbody tr')"
            try await page.until("\(row)?.cells[3].textContent === 'playing'")
            let cells = try await page.evaluate("[...\(row).cells].map((cell) => cell.textContent)")
            #expect(cells.array?[1].string == "world")
            #expect(cells.array?[4].string?.hasSuffix(" udp") == true)
            // A round trip is known by then, and something was carried.
            try await page.until("/^[0-9.]+ .* [0-9.]+$/.test(\(row).cells[6].textContent)")
            #expect(cells.array?[7].string?.hasPrefix("0 ") == false)
            try await page.until(
                "[...document.querySelectorAll('#plots svg')].every((one) => one.querySelector('path[d^=M]'))")
            try await page.until("document.querySelector('#servers tbody tr')?.cells[2].textContent === 'up'")
            // By the keyboard alone.
            try await page.evaluate("\(row).querySelector('button').focus()")
            try await page.press("Enter")
            try await page.until("document.activeElement?.id === 'one-title'")
            let events = try await page.until(
                "(([...all]) => all.length >= 5 && all.map((one) => one.lastChild.textContent.split(':')[0]))"
                    + "(document.querySelectorAll('#timeline li'))")
            #expect(
                events.array?.compactMap(\.string) == [
                    "joined", "the browser was reached", "DTLS is up", "SCTP is up, data channels open", "playing",
                ])
            try await Accessibility.check(page, "with a session")
        }

        /// The file that the page hands to the browser begins as a pcapng file does, and is of this session.
        private func capturing(_ page: any DrivenPage) async throws {
            try await page.evaluate(
                """
                (() => {
                    const make = URL.createObjectURL;
                    URL.createObjectURL = (blob) => (blob.arrayBuffer().then((bytes) => {
                        globalThis.captured = [...new Uint8Array(bytes)];
                    }), make.call(URL, blob));
                })()
                """)
            try await page.evaluate("document.getElementById('capture').click()")
            try await page.until("globalThis.captured?.length > 500")
            #expect(try await page.evaluate("captured.slice(0, 4)").array == [0x0A, 0x0D, 0x0D, 0x0A])
            let text = "String.fromCharCode(...captured.slice(0, 4000))"
            let name = "document.querySelector('#sessions tbody tr').cells[0].textContent.trim().slice(0, 8)"
            #expect(try await page.evaluate("\(text).includes(\(name))").bool == true)
            #expect(try await page.evaluate("document.getElementById('capture').disabled").bool == false)
            #expect(try await page.evaluate("document.getElementById('problem').textContent").string == "")
        }

        private func removing(_ page: any DrivenPage) async throws {
            try await page.tap("#remove", until: "document.getElementById('removal').open")
            try await Accessibility.check(page, "before the removal")
            // Nothing happens to who is let play.
            try await page.tap("#stay", until: "!document.getElementById('removal').open")
            #expect(try await page.evaluate("document.querySelectorAll('#sessions tbody tr').length").int == 1)
            try await page.tap("#remove", until: "document.getElementById('removal').open")
            try await page.evaluate("(document.getElementById('reason').focus(), true)")
            try await page.evaluate("document.getElementById('reason').value = 'Too loud'")
            try await page.evaluate("document.getElementById('data').value = '77'")
            try await page.press("Enter")
            try await page.until(
                "document.querySelector('#timeline li:last-child').textContent"
                    + ".endsWith('ended: An operator removed the player: Too loud. (removed-by-operator)')")
            try await page.until("document.querySelectorAll('#sessions tbody tr').length === 0")
            try await page.until(
                "document.querySelector('#ended tbody tr')?.cells[3].textContent.startsWith('An operator removed')")
            #expect(try await page.evaluate("document.getElementById('remove').disabled").bool == true)
        }

        /// The switch, the level, and a small screen.
        @Test(.requires(.chromium, .firefox, .axe), arguments: Browser.available)
        func theGatewayIsSteered(browser: Browser) async throws {
            try await AdminWorld.running { gateway, _ in
                let taste = Taste(wantsLessMotion: true)
                try await browser.driving("http://\(gateway.admin)/", .phone, taste: taste) { page in
                    try await AdminWorld.enter(page)
                    let drain = "document.getElementById('drain').ariaChecked"
                    let status = "document.getElementById('status').textContent"
                    try await page.until("\(drain) === 'false' && \(status) === 'Players are taken'")
                    try await page.tap("#drain", until: "\(drain) === 'true'")
                    try await page.until("\(status) === 'Draining: no new players are taken'")
                    #expect(try await Demo.curl("\(gateway.origin)/health/ready").status == 503)
                    try await page.tap("#drain", until: "\(drain) === 'false'")
                    #expect(try await Demo.curl("\(gateway.origin)/health/ready").status == 200)
                    try await page.evaluate(
                        """
                        ((level) => {
                            level.value = 'debug';
                            level.dispatchEvent(new Event('change'));
                        })(document.getElementById('level'))
                        """)
                    _ = try await gateway.process.errors.first("the level's line") {
                        $0.contains(" the log level is changed") && $0.hasSuffix(" level=debug")
                    }
                    // Nothing is wider than the screen but what scrolls by itself.
                    #expect(
                        try await page.evaluate(
                            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
                        ).bool == true)
                    try await Accessibility.prepare(page)
                    try await Accessibility.check(page, "on a phone")
                    try await page.tap("#forget", until: "document.getElementById('entrance').checkVisibility()")
                    #expect(try await page.evaluate("sessionStorage.length").int == 0)
                    try await Demo.expectNothingForbidden(on: page)
                }
            }
        }

        /// What is behind the token, and what is nowhere else.
        @Test func theAPIKeepsToItself() async throws {
            try await AdminWorld.running { gateway, _ in
                let url = "http://\(gateway.admin)/api/gateway"
                let header = "Authorization: Bearer \(AdminWorld.token)"
                #expect(try await Demo.curl(url, "--header", header).status == 200)
                #expect(try await Demo.curl(url).status == 401)
                // Names that lead here from elsewhere, and other pages.
                #expect(try await Demo.curl(url, "--header", header, "--header", "Host: evil.example").status == 403)
                #expect(
                    try await Demo.curl(url, "--header", header, "--header", "Origin: https://evil.example").status
                        == 403)
                // And it is nowhere on the players' port.
                #expect(try await Demo.curl("\(gateway.origin)/api/gateway", "--header", header).status == 404)
                let page = try await Demo.curl("http://\(gateway.admin)/")
                #expect(
                    page.headers["content-security-policy"]?.hasPrefix("default-src 'none'; script-src 'self';") == true
                )
                for name in page.body.matches(of: #/(?:href|src)="([\w.]+)"/#).map({ String($0.1) }) {
                    let file = try await Demo.curl("http://\(gateway.admin)/\(name)")
                    #expect(file.status == 200 && file.headers["x-content-type-options"] == "nosniff", "\(name)")
                }
            }
        }
    }
}
