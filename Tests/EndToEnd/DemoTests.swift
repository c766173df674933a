import Foundation
import Testing

extension BrowserTests {
    /// `torii demo` as people meet it: with a keyboard, with a finger, with others, and from another device.
    @Suite struct DemoTests {
        @Test(.requires(.chromium, .firefox)) func browsersAndNativePlayersMeet() async throws {
            try await Demo.running { gateway, observer in
                // The bots: they are there, and they move.
                for name in ["Kitsune", "Tanuki"] {
                    let bot = try await observer.joined { $0["name"].string == name }
                    #expect(bot["kind"].string == "native")
                    try await observer.event("moved") { $0["id"] == bot["id"] }
                }
                try await Browser.chromium.open("\(gateway.origin)/") {
                    let first = try await observer.joined { $0["kind"].string == "web" }
                    try await Browser.firefox.open("\(gateway.origin)/") {
                        let second = try await observer.joined {
                            $0["kind"].string == "web" && $0["id"] != first["id"]
                        }
                        // A bot greets a web player by name: it sees it in the same world.
                        let name = try #require(second["name"].string)
                        try await observer.event("chat") { $0["text"].string?.contains(name) == true }
                    }
                }
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func theKeyboardIsEnough(browser: Browser) async throws {
            try await Demo.running { gateway, observer in
                try await browser.driving("\(gateway.origin)/") { page in
                    let id = try await Demo.entered(page)
                    try await page.evaluate("document.getElementById('world').focus()")
                    let ways = [
                        (["ArrowLeft", "a"], "x <", -15.0), (["ArrowRight", "d"], "x >", 15),
                        (["ArrowUp", "w"], "y <", -15), (["ArrowDown", "s"], "y >", 15),
                    ]
                    for (keys, comparison, distance) in ways {
                        for key in keys {
                            let before = try await Demo.place(page)
                            let bound = (comparison.hasPrefix("x") ? before.x : before.y) + distance
                            try await page.holding(key) {
                                try await page.until(
                                    "toriiDemo.players.find(({ id }) => id === \(id)).\(comparison) \(bound)")
                            }
                        }
                    }
                    // Native players see it, too.
                    try await observer.event("moved") { $0["id"].int == id }

                    try await page.press(" ")
                    try await observer.event("ripple") { $0["id"].int == id }

                    try await page.press("Enter")
                    try await page.until("document.activeElement.id === 'say'")
                    try await page.press("Escape")
                    try await page.until("document.activeElement.id === 'world'")
                    try await page.press("Enter")
                    try await page.until("document.activeElement.id === 'say'")
                    let standing = try await Demo.place(page)
                    try await page.type("wasd all day")
                    try await page.press("Enter")
                    try await observer.event("chat") { $0["id"].int == id && $0["text"].string == "wasd all day" }
                    try await page.until("document.getElementById('log').innerText.includes('wasd all day')")
                    // Letters are for the chat while one types; what glided still may come to rest.
                    let after = try await Demo.place(page)
                    #expect(abs(after.x - standing.x) < 60 && after.y - standing.y < 60)
                    #expect(try await page.evaluate("document.activeElement.id").string == "world")
                    try await Demo.expectNothingForbidden(on: page)
                }
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aFingerIsEnough(browser: Browser) async throws {
            try await Demo.running { gateway, observer in
                try await browser.driving("\(gateway.origin)/", .phone) { page in
                    let id = try await Demo.entered(page)
                    // On a phone the world comes first; the panel waits below.
                    #expect(try await page.evaluate("document.getElementById('toggle').ariaExpanded").string == "false")
                    #expect(try await page.evaluate("document.documentElement.scrollWidth <= innerWidth").bool == true)
                    let (left, right) = ((x: 40, y: 500), (x: 350, y: 500))
                    let before = try await Demo.place(page)
                    // To where there is room: a tap, and then back again, with a finger that moves.
                    let isLeftFirst = before.x > 500
                    try await page.touch([isLeftFirst ? left : right])
                    let isThere = isLeftFirst ? "< \(before.x - 30)" : "> \(before.x + 30)"
                    try await page.until("toriiDemo.players.find(({ id }) => id === \(id)).x \(isThere)")
                    let there = try await Demo.place(page)
                    try await page.touch(isLeftFirst ? [left, right] : [right, left])
                    let isBack = isLeftFirst ? "> \(there.x + 30)" : "< \(there.x - 30)"
                    try await page.until("toriiDemo.players.find(({ id }) => id === \(id)).x \(isBack)")
                    try await observer.event("moved") { $0["id"].int == id }

                    try await page.tap(
                        "#toggle", until: "document.getElementById('toggle').ariaExpanded === 'true'")
                    try await page.evaluate("document.getElementById('say').scrollIntoView({ block: 'center' })")
                    try await page.tap(
                        "#say", until: "document.activeElement.id === 'say'")
                    try await page.type("hi")
                    try await page.tap("#chat button")
                    try await observer.event("chat") { $0["id"].int == id && $0["text"].string == "hi" }
                    // What a finger must hit is large enough for it (WCAG 2.5.8).
                    let small = try await page.evaluate(
                        """
                        [...document.querySelectorAll('button, input, summary')].filter((one) => one.checkVisibility())
                            .map((one) => [one.id || one.textContent.trim(), one.getBoundingClientRect()])
                            .filter(([, { width, height }]) => width < 24 || height < 24).map(([name]) => name)
                        """)
                    #expect(small.array == [])
                    try await Demo.expectNothingForbidden(on: page)
                }
            }
        }

        /// The page tells its own address, which other devices have, too, as a code that a real decoder reads.
        @Test(.requires(.chromium, .firefox, .zbarimg), arguments: Browser.available)
        func theInvitationCanBeRead(browser: Browser) async throws {
            try await Demo.running { gateway, _ in
                // A name under which browsers find loopback, and that the page does not take for it.
                let address = gateway.origin.replacing("127.0.0.1", with: "gate.localhost") + "/"
                try await browser.driving(address) { page in
                    _ = try await Demo.entered(page)
                    try await page.tap(
                        "#invite", until: "document.getElementById('invitation').open")
                    #expect(try await page.evaluate("document.getElementById('address').textContent").string == address)
                    #expect(try await Demo.codes(in: page.screenshot()) == [address])
                    // Even where a finger's mark hides 8 to 12 of its 70 codewords: with the level it is said to have, 13
                    // may be wrong, and with the level below only 7.
                    try await page.evaluate(
                        """
                        (() => {
                            const mark = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
                            const place = { x: 23, y: 13, width: 8, height: 8, fill: '#fff' };
                            for (const [name, value] of Object.entries(place)) mark.setAttribute(name, value);
                            document.getElementById('qr').append(mark);
                        })()
                        """)
                    #expect(try await page.evaluate("document.getElementById('qr').viewBox.baseVal.width").int == 37)
                    #expect(try await Demo.codes(in: page.screenshot()) == [address])
                    try await page.press("Escape")
                    try await page.until("!document.getElementById('invitation').open")
                    try await Demo.expectNothingForbidden(on: page)
                }
                // At an address that no other device has, and a gateway that listens at no other.
                try await browser.driving("\(gateway.origin)/") { page in
                    _ = try await Demo.entered(page)
                    try await page.tap(
                        "#invite", until: "document.getElementById('invitation-none').checkVisibility()")
                    #expect(try await Demo.codes(in: page.screenshot()) == [])
                }
            }
        }

        /// A gateway that listens everywhere tells the page the host's addresses.
        @Test(.requires(.chromium, .zbarimg, .networkNamespaces)) func theInvitationNamesTheHost() async throws {
            try await NetworkNamespace.running(.ipv4) { namespace in
                try await GatewayProgram.running(["demo", "--game-port", "0"]) { gateway in
                    let port = try #require(gateway.origin.split(separator: ":").last)
                    let hosts = try await Demo.curl("http://127.0.0.1:\(port)/hosts.json").body
                    #expect(hosts == "[\"\(namespace.address)\"]")
                }
            }
        }
    }
}
