import Foundation
import Glibc
import Testing
import TokenSigning

extension BrowserTests {
    /// What `join()` of the client library does when the gateway refuses, fails, or stays silent.
    @Suite struct ClientJoiningTests {
        private static let page = "client-joining"

        /// Whoever stands before the gateway may ask for a token as well.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aTokenGoesWithEveryRequest(browser: Browser) async throws {
            try await ClientWorld.behindFront { front, gateway, _ in
                front.require(token: "opensesame")
                for (token, status) in [(nil, 401), ("guess", 403)] {
                    let failure = try await failure(browser, front, ["token": token].compactMapValues { $0 })
                    #expect(failure["status"].int == status)
                    #expect(failure["code"].string == "refused")
                    #expect(failure["transient"].bool == false)
                    #expect(failure["message"].string?.hasPrefix("This ") == true)
                }
                #expect(front.joins == 2)
                try await succeed(browser, front, ["token": "opensesame"])
                // The page leaves by a request with the token, too.
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "player-left")
            }
        }

        /// The gateway's own refusals, as a page of another origin gets them.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func theGatewayAsksForATokenItKnows(browser: Browser) async throws {
            let (key, other) = (SigningKey(.curve("P-256")), SigningKey(.curve("P-256")))
            let file = FileManager.default.temporaryDirectory.appending(path: "torii-\(UUID().uuidString).pem")
            try key.pem.write(to: file, atomically: true, encoding: .utf8)
            defer { try? FileManager.default.removeItem(at: file) }
            let options = ["--token-key", file.path(percentEncoded: false), "--token-audience", "torii"]
            try await ClientWorld.running(options) { gateway, _ in
                let (good, late) = (Self.claims(validFor: 300), Self.claims(validFor: -300))
                for (token, words) in [
                    (nil, "token"), (other.token(good), "token"), (key.token(late), "expired"), ("guess", "token"),
                ] {
                    let report = try await browser.run(
                        Self.page, "fails", join: gateway.join("world"),
                        parameters: ["token": token].compactMapValues { $0 })
                    #expect(report.error == nil)
                    let failure = try #require(report.details("failed").first)
                    #expect(failure["status"].int == 401)
                    #expect(failure["code"].string == "refused")
                    #expect(failure["transient"].bool == false)
                    #expect(failure["message"].string?.contains(words) == true, "\(failure)")
                }
                let report = try await browser.run(
                    Self.page, "succeeds", join: gateway.join("world"), parameters: ["token": key.token(good)])
                #expect(report.error == nil)
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "player-left")
            }
        }

        private static func claims(validFor seconds: Int) -> String {
            #"{"exp":\#(Int(Date.now.timeIntervalSince1970) + seconds),"aud":"torii"}"#
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aRefusalIsNotAskedForTwice(browser: Browser) async throws {
            try await ClientWorld.behindFront { front, _, _ in
                let failure = try await failure(browser, front, route: "nowhere")
                #expect(failure["name"].string == "JoinError")
                #expect(failure["status"].int == 404)
                #expect(failure["message"].string?.hasPrefix("There is no route of this name") == true)
                #expect(front.joins == 1)
            }
        }

        /// The session that came about is given back, as nobody knows of it.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func anAnswerThatDoesNotEndIsGivenUp(browser: Browser) async throws {
            try await ClientWorld.behindFront { front, gateway, _ in
                front.nextJoins(.stalled)
                let failure = try await failure(browser, front, ["timeout": "1000", "library": gateway.join("world")])
                #expect(failure["code"].string == "timeout")
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "player-left")
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available, ["hides", "hidesEarly"])
        func aPageThatIsLeftSaysSoOnce(browser: Browser, scenario: String) async throws {
            try await ClientWorld.running { gateway, _ in
                let report = try await browser.run(Self.page, scenario, join: gateway.join("world"))
                #expect(report.error == nil)
                let asked = report.details("left").first?["asked"].array?.compactMap(\.string)
                #expect(asked == (scenario == "hides" ? ["DELETE"] : ["POST", "DELETE"]))
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "player-left")
            }
        }

        @Test(.requires(.chromium, .firefox)) func whatMayPassIsAskedForAgain() async throws {
            try await Browser.atOnce { browser in
                try await ClientWorld.behindFront { front, _, _ in
                    front.nextJoins(
                        .answered(503, "The gateway is full.", retryAfter: 1),
                        .answered(429, "Too many.", retryAfter: 2),
                        .answeredWithPage(502), .cut(afterPassing: false))
                    let retries = try await succeed(browser, front)
                    #expect(front.joins == 5)
                    let waits = retries.compactMap { $0["waitMs"].number }
                    try #require(waits.count == 4)
                    // What the gateway asks for, and then at least half of 2 s and of 4 s.
                    #expect(waits[0] >= 1000 && waits[1] >= 2000)
                    #expect(waits[2] >= 1000 && waits[3] >= 2000)
                    let reasons = retries.compactMap { $0["reason"].string }
                    #expect(reasons[0] == "The gateway is full." && reasons[2] == "The gateway answered 502.")
                    #expect(reasons[3].hasSuffix(" could not be reached."))
                }
            }
        }

        /// The page is let in when the gateway takes players again, or where another one answers.
        @Test(.requires(.chromium, .firefox)) func aDrainedGatewayIsAskedAgain() async throws {
            try await Browser.atOnce { browser in
                try await ClientWorld.running { gateway, _ in
                    try gateway.process.signalProgram(SIGUSR1)
                    _ = try await gateway.process.errors.first("the drain") { $0.contains(" notice draining: ") }
                    let report = try await browser.run(Self.page, "succeeds", join: gateway.join("world")) { page in
                        let retry = try await page.step("retrying")
                        #expect(
                            retry["reason"].string == "The gateway takes no new players now; try again in a moment.")
                        #expect(retry["waitMs"].number ?? 0 >= 1000)
                        try gateway.process.signalProgram(SIGUSR1)
                    }
                    #expect(report.error == nil)
                }
            }
        }

        /// The gateway made a session, but its answer was lost; until that session is over, its id is taken.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func anIdTakenByALostAnswerIsAskedForAgain(browser: Browser) async throws {
            try await ClientWorld.behindFront { front, gateway, _ in
                front.nextJoins(.cut(afterPassing: true), .answered(409, "Another player has the peer_id."))
                try await succeed(browser, front)
                #expect(front.joins == 3)
                front.nextJoins(.answered(409, "Another player has the peer_id."))
                let failure = try await failure(browser, front)
                #expect(failure["status"].int == 409)
                #expect(failure["transient"].bool == false)
                #expect(front.joins == 4)
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func attemptsAndTimeHaveAnEnd(browser: Browser) async throws {
            try await ClientWorld.behindFront { front, _, _ in
                front.nextJoins(.answered(503, "Full."), .answered(503, "Still full."))
                let failed = try await failure(browser, front, ["attempts": "2"])
                #expect(failed["status"].int == 503)
                #expect(failed["code"].string == "unavailable")
                #expect(failed["transient"].bool == true)
                #expect(failed["message"].string == "Still full.")
                #expect(front.joins == 2)

                // A wait that is longer than the time left is not begun.
                front.nextJoins(.answered(503, "Come back tomorrow.", retryAfter: 86_400))
                let postponed = try await failure(browser, front, ["timeout": "60000"])
                #expect(postponed["message"].string == "Come back tomorrow.")
                #expect(postponed["retryAfterMs"].int == 86_400_000)
                #expect(front.joins == 3)

                front.nextJoins(.unanswered)
                let late = try await failure(browser, front, ["timeout": "1500"])
                #expect(late["code"].string == "timeout")
                #expect(late["message"].string == "The gateway did not answer in time.")
                #expect(front.joins == 4)
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aGatewayOutOfReachIsSaidToBe(browser: Browser) async throws {
            try await ClientWorld.behindFront { front, gateway, _ in
                // Nothing listens there.
                let port = try UnusedPort.udp()
                let report = try await browser.run(
                    Self.page, "fails", join: "http://127.0.0.1:\(port)/join/world",
                    parameters: ["library": front.origin, "attempts": "2"])
                #expect(report.error == nil)
                let failure = try #require(report.details("failed").first)
                #expect(failure["code"].string == "unreachable")
                #expect(failure["message"].string == "The gateway at 127.0.0.1:\(port) could not be reached.")
                #expect(report.details("retries").first?.array?.count == 1)
            }
        }

        /// Answers come, but UDP and TCP lead nowhere.
        @Test(.requires(.chromium, .firefox)) func noConnectionIsSaidToBeNone() async throws {
            try await Browser.atOnce { browser in
                try await ClientWorld.behindFront(["--advertise", "192.0.2.1", "--tcp", "off"]) { front, gateway, _ in
                    let failure = try await failure(browser, front, ["timeout": "3000"])
                    #expect(failure["code"].string == "timeout")
                    #expect(failure["message"].string?.hasPrefix("No connection came about in time") == true)
                    let ended = try await gateway.ended()
                    #expect(ended["reason"] == "player-left")
                }
            }
        }

        @Test(.requires(.chromium, .firefox)) func aPageCanGiveUp() async throws {
            try await Browser.atOnce { browser in
                try await ClientWorld.behindFront(["--advertise", "192.0.2.1", "--tcp", "off"]) { front, gateway, _ in
                    // While the request waits, while the next attempt does, and while the browser looks for a way.
                    for (fate, sign) in [
                        (HTTPFront.Fate.unanswered, "joining"), (.answered(503, "Full.", retryAfter: 15), "waiting"),
                    ] {
                        front.nextJoins(fate)
                        let before = front.requests.entries.count
                        let report = try await browser.run(Self.page, "aborts", join: "\(front.origin)/join/world") {
                            page in
                            _ = try await page.step(sign)
                            if sign == "joining" {
                                _ = try await front.requests.first("the join", from: before) { $0.method == "POST" }
                            }
                            page.stop()
                        }
                        try expectAbort(report)
                    }
                    let report = try await browser.run(Self.page, "aborts", join: "\(front.origin)/join/world") {
                        page in
                        _ = try await gateway.process.errors.first("a joined session") { $0.contains(" joined") }
                        page.stop()
                    }
                    try expectAbort(report)
                    let ended = try await gateway.ended()
                    #expect(ended["reason"] == "player-left")
                }
            }
        }

        /// The gateway made a session, and its answer is on its way when the page gives up: that session is ended.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func anAnswerThatComesTooLateLeavesNoSession(browser: Browser) async throws {
            try await ClientWorld.behindFront { front, gateway, _ in
                front.nextJoins(.late)
                let join = "\(front.origin)/join/world"
                let report = try await browser.run(Self.page, "aborts", join: join, parameters: ["stays": "yes"]) {
                    page in
                    _ = try await gateway.process.errors.first("a joined session") { $0.contains(" joined") }
                    page.stop()
                    _ = try await page.step("failed")
                    front.answerLate()
                    let ended = try await gateway.ended()
                    #expect(ended["reason"] == "player-left")
                    page.stop()
                }
                try expectAbort(report)
            }
        }

        private func expectAbort(_ report: Browser.Report) throws {
            #expect(report.error == nil)
            let failure = try #require(report.details("failed").first)
            #expect(failure["name"].string == "AbortError")
            #expect(failure["message"].string == "the player changed their mind")
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available, ["abortedBefore", "mistakes", "worker"])
        func whatCannotBeginAsksNobody(browser: Browser, scenario: String) async throws {
            try await ClientWorld.behindFront { front, _, _ in
                let report = try await browser.run(Self.page, scenario, join: "\(front.origin)/join/world")
                #expect(report.error == nil)
                #expect(front.joins == 0)
                guard scenario == "worker" else { return }
                let failure = try #require(report.details("failed").first)
                #expect(failure["code"].string == "unsupported")
                #expect(
                    failure["message"].string?.hasPrefix("Browsers have no WebRTC in workers; call join() in the page")
                        == true)
            }
        }

        /// Joins through the front, which must work; returns what was retried.
        @discardableResult
        private func succeed(
            _ browser: Browser, _ front: HTTPFront, _ parameters: [String: String] = [:]
        ) async throws -> [JSONValue] {
            let report = try await browser.run(
                Self.page, "succeeds", join: "\(front.origin)/join/world", parameters: parameters)
            #expect(report.error == nil)
            return report.details("joined").first?["retries"].array ?? []
        }

        /// Joins through the front, which must fail; returns with what.
        private func failure(
            _ browser: Browser, _ front: HTTPFront, _ parameters: [String: String] = [:], route: String = "world"
        ) async throws -> JSONValue {
            let report = try await browser.run(
                Self.page, "fails", join: "\(front.origin)/join/\(route)", parameters: parameters)
            #expect(report.error == nil)
            return try #require(report.details("failed").first)
        }
    }
}
