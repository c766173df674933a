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

        /// No rule of WCAG 2.2 A and AA that axe-core can check is broken, in the dark and in the light, with the panel open
        /// and closed, and in the dialog.
        @Test(.requires(.chromium, .firefox, .axe), arguments: Browser.available, [false, true])
        func everyoneCanUseIt(browser: Browser, isLight: Bool) async throws {
            try await Demo.running { gateway, _ in
                for viewport in [Viewport.desktop, .phone] {
                    let taste = Taste(isLight: isLight)
                    try await browser.driving("\(gateway.origin)/", viewport, taste: taste) { page in
                        _ = try await Demo.entered(page)
                        let sky = "getComputedStyle(document.documentElement).getPropertyValue('--sky').trim()"
                        #expect(try await page.evaluate(sky).string == (isLight ? "#f8efe2" : "#12162a"))
                        try await Accessibility.prepare(page)
                        try await Accessibility.check(page, "\(viewport)")
                        let isOpen = "document.getElementById('toggle').ariaExpanded"
                        let before = try await page.evaluate(isOpen).string ?? ""
                        try await page.tap("#toggle", until: "\(isOpen) !== '\(before)'")
                        try await Accessibility.check(page, "\(viewport), the other way round")
                        try await page.evaluate("document.getElementById('invite').click()")
                        try await page.until("document.getElementById('invitation').open")
                        try await Accessibility.check(page, "\(viewport), with the invitation")
                        try await Demo.expectNothingForbidden(on: page)
                    }
                }
            }
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
                    #expect(reason.string == "The gateway is stopping.")
                    let again = "document.getElementById('again')"
                    #expect(try await page.evaluate("\(again).checkVisibility()").bool == true)
                    // Whoever does not want to wait need not.
                    let state = try await page.until(
                        "toriiDemo.state === 'retrying' && (\(again).click(), toriiDemo.state)")
                    #expect(state.string == "joining")
                }
            }
        }

        /// A page that is left and kept leaves the game, and is in it again when the person comes back.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func whoComesBackJoinsAgain(browser: Browser) async throws {
            try await Demo.running { gateway, _ in
                try await browser.driving("\(gateway.origin)/") { page in
                    let first = try await Demo.entered(page)
                    // Browsers keep pages as they please, so the page is told what they would tell it.
                    func tell(_ event: String) async throws {
                        try await page.evaluate(
                            "dispatchEvent(new PageTransitionEvent('\(event)', { persisted: true }))")
                    }
                    try await tell("pagehide")
                    let ended = try await gateway.ended()
                    #expect(["player-left", "browser-closed"].contains(ended["reason"]))
                    // It does not say so to nobody, nor to whoever comes back.
                    #expect(try await page.evaluate("document.getElementById('reason').textContent").string == "")
                    try await tell("pageshow")
                    try await page.until("toriiDemo.state === 'joined' && toriiDemo.id !== \(first)")
                }
            }
        }

        /// The water lies still, and nothing slides or fades, for those whose system asks for less motion.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func motionIsLessWhereThatIsWanted(browser: Browser) async throws {
            try await Demo.running { gateway, _ in
                for wantsLess in [false, true] {
                    let taste = Taste(wantsLessMotion: wantsLess)
                    try await browser.driving("\(gateway.origin)/", taste: taste) { page in
                        _ = try await Demo.entered(page)
                        try await page.evaluate(Self.watchingWater)
                        // Bots part the water where they are, whatever is asked for.
                        let share = "water?.lined > 100 && water.same / water.lined"
                        try await page.until("\(share) \(wantsLess ? "> 0.6" : "< 0.4")")
                        let moving = try await page.evaluate(
                            """
                            [...document.querySelectorAll('*')].map((one) => getComputedStyle(one))
                                .filter(({ animationName, transitionDuration, transitionProperty }) =>
                                    animationName !== 'none'
                                    || transitionProperty !== 'none' && /[1-9]/.test(transitionDuration)).length
                            """)
                        #expect((moving.int == 0) == wantsLess, "\(moving) elements move")
                    }
                }
            }
        }

        /// `water.lined` is how many of the lower picture's squares have lines, and `water.same` how many of these are as they
        /// were a second before.
        private static let watchingWater = """
            (() => {
                const canvas = document.getElementById('world');
                const side = 16;
                let before = null;
                globalThis.water = null;
                setInterval(() => {
                    const { width, height } = canvas;
                    const top = Math.round(height * 0.7);
                    const now = canvas.getContext('2d').getImageData(0, top, width, height - top);
                    const [was, is] = [before, now].map((one) => one && new Uint32Array(one.data.buffer));
                    let [lined, same] = [0, 0];
                    for (let y = 0; was?.length === is.length && y + side <= now.height; y += side) {
                        for (let x = 0; x + side <= width; x += side) {
                            const places = Array.from({ length: side * side },
                                (_, i) => (y + Math.floor(i / side)) * width + x + i % side);
                            if (new Set(places.map((place) => is[place])).size < 3) continue;
                            lined += 1;
                            if (places.every((place) => is[place] === was[place])) same += 1;
                        }
                    }
                    globalThis.water = { lined, same };
                    before = now;
                }, 1000);
            })()
            """

        /// The chat shows what was said last, but stays where a person who reads has scrolled to.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func theChatFollowsItsEndUnlessSomeoneReads(browser: Browser) async throws {
            try await Demo.running { gateway, _ in
                try await browser.driving("\(gateway.origin)/") { page in
                    _ = try await Demo.entered(page)
                    try await page.evaluate("globalThis.log = document.getElementById('log')")
                    func say(_ text: String) async throws {
                        try await page.evaluate(
                            "(document.getElementById('say').value = '\(text)', document.getElementById('chat').requestSubmit())"
                        )
                        try await page.until("log.innerText.includes('\(text)')")
                    }
                    let isAtEnd = "log.scrollHeight - log.scrollTop - log.clientHeight < 2"
                    for number in 1...60 where try await page.evaluate("log.scrollTop").int ?? 0 < 200 {
                        try await say("line \(number).")
                        try await page.until(isAtEnd)
                    }
                    // Someone reads what was said before.
                    try await page.evaluate("log.scrollTop = 20")
                    try await Self.drawn(page)
                    try await say("unread")
                    try await Self.drawn(page)
                    #expect(try await page.evaluate("log.scrollTop").int == 20)
                    // And comes back to the end.
                    try await page.evaluate("log.scrollTop = log.scrollHeight")
                    try await Self.drawn(page)
                    try await say("read")
                    try await page.until(isAtEnd)
                    // Where something is said before the browser has told that someone scrolled.
                    let atOnce = try await page.evaluate(
                        """
                        (log.scrollTop = 20, document.getElementById('say').value = 'at once',
                            document.getElementById('chat').requestSubmit(), log.scrollTop)
                        """)
                    #expect(atOnce.int == 20)
                    // And where the log becomes smaller, with nothing said since.
                    try await page.evaluate("log.scrollTop = log.scrollHeight")
                    try await Self.drawn(page)
                    try await page.evaluate("log.scrollTop = 20")
                    try await Self.drawn(page)
                    try await page.evaluate("Object.assign(log.style, { minHeight: '0', maxHeight: '60px' })")
                    try await Self.drawn(page)
                    #expect(try await page.evaluate("[log.clientHeight <= 60, log.scrollTop]").array == [true, 20])
                    try await page.evaluate("Object.assign(log.style, { minHeight: '', maxHeight: '' })")
                    try await page.evaluate("log.scrollTop = log.scrollHeight")
                    try await Self.drawn(page)
                    // So it is when the log had no room meanwhile.
                    for isOpen in [false, true] {
                        try await page.evaluate("document.getElementById('toggle').click()")
                        try await page.until("log.checkVisibility() === \(isOpen)")
                        try await Self.drawn(page)
                    }
                    try await page.until(isAtEnd)
                }
            }
        }

        /// Two pictures later: events of scrolling come before the next.
        private static func drawn(_ page: any DrivenPage) async throws {
            try await page.evaluate(
                "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))))")
        }
    }
}
