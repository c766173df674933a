import Foundation
import Testing

extension BrowserTests {
    /// The demo's switch: what a page sees of each kind of channel when the gateway makes its network worse.
    @Suite struct DemoNetworkTests {
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func whatIsUnreliableIsLostAndWhatIsReliableArrives(browser: Browser) async throws {
            try await Demo.running { gateway, observer in
                try await browser.driving("\(gateway.origin)/") { page in
                    let id = try await Demo.entered(page)
                    try await page.until("Object.values(toriiDemo.measures).every(({ back }) => back > 10)")
                    #expect(try await page.evaluate("toriiDemo.impairment") == .null)

                    try await page.tap(
                        "[data-loss='20']",
                        until: "toriiDemo.impairment?.loss === 20 && toriiDemo.impairment.delay === 200")
                    // In both directions and for both kinds that may lose; a person reads it in the table.
                    try await page.until(
                        """
                        ['state', 'sequenced'].every((name) => {
                            const { up, down } = toriiDemo.measures[name];
                            return up > 0.05 && down > 0.05;
                        })
                        """, within: .seconds(60))
                    for row in ["state", "sequenced"] {
                        let cells = try await cells(of: row, page)
                        #expect(cells.suffix(2).allSatisfy { $0 != "0 %" && $0.hasSuffix(" %") }, "\(cells)")
                    }
                    // Each way is at least 200 ms long.
                    #expect(try #require(try await measure("state", "now", page)) > 400)
                    let report = try await page.evaluate("toriiDemo.impairment")
                    let note = try await page.evaluate("document.getElementById('impairment-note').textContent")
                    #expect(note.string?.wholeMatch(of: Self.note) != nil, "\(note)")
                    for direction in ["fromBrowser", "toBrowser"] {
                        #expect(try #require(report[direction]["dropped"].number) > 0)
                    }

                    // What is said meanwhile is heard, in order, however long it takes.
                    let words = ["one", "two", "three"]
                    for word in words {
                        try await page.evaluate(
                            "(document.getElementById('say').value = '\(word)', document.getElementById('chat').requestSubmit())"
                        )
                    }
                    for word in words {
                        try await observer.event("chat") { $0["id"].int == id && $0["text"].string == word }
                    }
                    #expect(observer.events("chat").filter { $0["id"].int == id }.map { $0["text"].string } == words)

                    let sent = try #require(try await measure("reliable", "sent", page))
                    try await page.tap(
                        "[data-loss='0']", until: "toriiDemo.impairment?.loss === 0")
                    // Every one of them comes back, and none is numbered as lost.
                    try await page.until("toriiDemo.measures.reliable.back >= \(sent)", within: .seconds(60))
                    #expect(try await cells(of: "reliable", page).suffix(2) == ["0 %", "0 %"])
                    for name in ["state", "sequenced"] {
                        let measured = try await page.evaluate("toriiDemo.measures.\(name)")
                        #expect(
                            try #require(measured["back"].number) < (try #require(measured["sent"].number)) - 2)
                    }
                    try await Demo.expectNothingForbidden(on: page)
                }
            }
        }

        /// The switch is for datagrams, also where TCP carries them: TCP loses none, so the gateway does.
        @Test(.requires(.networkNamespaces, .chromium, .firefox), arguments: Browser.available)
        func whatComesByTCPIsLostToo(browser: Browser) async throws {
            try await NetworkNamespace.running(.ipv4) { namespace in
                let options = ["--advertise", "10.77.0.99", "--advertise-tcp", namespace.address]
                try await Demo.running(options) { gateway, observer in
                    try await browser.driving("\(gateway.origin)/") { page in
                        let id = try await Demo.entered(page)
                        try await page.until("toriiDemo.way?.remote.protocol === 'tcp'")
                        try await page.until("toriiDemo.measures.state.back > 10")
                        #expect(try await measure("state", "up", page) == 0)
                        try await page.tap(
                            "[data-loss='20']",
                            until: "toriiDemo.impairment?.loss === 20 && toriiDemo.impairment.delay === 200")
                        try await page.until(
                            "toriiDemo.measures.state.up > 0.05 && toriiDemo.measures.state.down > 0.05",
                            within: .seconds(60))
                        #expect(try #require(try await measure("state", "now", page)) > 400)
                        // The page asks for these once a second.
                        for direction in ["fromBrowser", "toBrowser"] {
                            try await page.until("toriiDemo.impairment.\(direction).dropped > 0")
                        }
                        try await page.evaluate(
                            "(document.getElementById('say').value = 'by TCP', document.getElementById('chat').requestSubmit())"
                        )
                        try await observer.event("chat") { $0["id"].int == id && $0["text"].string == "by TCP" }
                        #expect(try await page.evaluate("toriiDemo.way.remote.protocol").string == "tcp")
                        try await Demo.expectNothingForbidden(on: page)
                    }
                }
            }
        }

        private nonisolated(unsafe) static let note = #/Dropped in the gateway: \d+ of \d+ ↑, \d+ of \d+ ↓/#

        /// A new name joins again, and the new session's network is as bad as the old one's.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aNewNameKeepsTheSwitch(browser: Browser) async throws {
            try await Demo.running { gateway, observer in
                try await browser.driving("\(gateway.origin)/") { page in
                    let first = try await Demo.entered(page)
                    try await page.tap("[data-loss='1']", until: "toriiDemo.impairment?.loss === 1")
                    try await page.evaluate(
                        "(document.getElementById('name').value = 'Ada', document.getElementById('naming').requestSubmit())"
                    )
                    let joined = try await observer.joined { $0["name"].string == "Ada" }
                    #expect(joined["id"].int != first)
                    try await page.until(
                        "toriiDemo.id === \(joined["id"].int ?? 0) && toriiDemo.impairment?.loss === 1")
                    // The name is there for the next visit.
                    let next = try await page.evaluate("import('/name.js').then((one) => one.chooseName())")
                    #expect(next.string == "Ada")
                }
            }
        }

        /// One visitor's switch is for that visitor alone.
        @Test(.requires(.chromium, .firefox)) func othersAreNotDisturbed() async throws {
            try await Demo.running { gateway, _ in
                try await Browser.chromium.driving("\(gateway.origin)/") { bad in
                    try await Browser.firefox.driving("\(gateway.origin)/") { good in
                        _ = try await Demo.entered(bad)
                        _ = try await Demo.entered(good)
                        try await bad.evaluate("document.querySelector('[data-loss=\"20\"]').click()")
                        // Each way is at least 200 ms long.
                        try await bad.until(
                            "toriiDemo.measures.state.up > 0.05 && toriiDemo.measures.state.now > 400",
                            within: .seconds(60))
                        #expect(try await good.evaluate("toriiDemo.impairment") == .null)
                        #expect(try await measure("reliable", "up", good) == 0)
                    }
                }
            }
        }

        /// What the demo has under a session's URL, `serve` has not.
        @Test func serveHasNoSuchSwitch() async throws {
            let offer = Checkout.path("Fixtures/sdp/chromium-data.sdp")
            let query = "impairment?loss=50&delay=1000"
            func joined(_ gateway: GatewayProgram, _ route: String) async throws -> String {
                let reply = try await Demo.curl(
                    gateway.join(route), "--data-binary", "@\(offer)", "--header", "Content-Type: application/sdp")
                #expect(reply.status == 201)
                return gateway.origin + (try #require(reply.headers["location"]))
            }
            try await GatewayProgram.running(["demo", "--game-port", "0"]) { gateway in
                let session = try await joined(gateway, "demo")
                #expect(try await Demo.curl("\(session)/\(query)", "--request", "PUT").status == 200)
                let nobody = session.dropLast(32) + String(repeating: "0", count: 32)
                #expect(try await Demo.curl("\(nobody)/\(query)", "--request", "PUT").status == 404)
            }
            try await GatewayProgram.serving(["world=enet://127.0.0.1:9?profile=channels"]) { gateway in
                let session = try await joined(gateway, "world")
                for method in ["PUT", "GET", "POST"] {
                    #expect(try await Demo.curl("\(session)/\(query)", "--request", method).status == 404)
                }
            }
        }

        private func cells(of row: String, _ page: any DrivenPage) async throws -> [String] {
            // The table is written four times a second, from what `until` has just seen.
            let look = "[...document.querySelectorAll('#row-\(row) td')].map((cell) => cell.textContent)"
            return try await page.evaluate("new Promise((resolve) => setTimeout(() => resolve(\(look)), 600))").array?
                .compactMap(\.string) ?? []
        }

        private func measure(_ name: String, _ figure: String, _ page: any DrivenPage) async throws -> Double? {
            try await page.evaluate("toriiDemo.measures.\(name).\(figure)").number
        }
    }
}
