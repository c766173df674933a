import Foundation
import Testing

extension BrowserTests {
    /// A page with the client library whose way to the gateway breaks, changes, or is another from the start.
    @Suite struct ClientInterruptionTests {
        /// Nothing gets through for a while: the page restarts ICE, and plays on in the same session.
        @Test(.requires(.chromium, .firefox)) func anInterruptionIsSurvived() async throws {
            try await Browser.atOnce { browser in
                try await LossyRelay.running(seed: 1) { relay in
                    let options = ["--advertise", "127.0.0.1:\(relay.port)", "--tcp", "off", "--consent-timeout", "60"]
                    try await ClientWorld.behindFront(options) { front, gateway, _ in
                        relay.forward(to: gateway.udpPort)
                        let join = "\(front.origin)/join/world"
                        let report = try await browser.run("client", "endure", join: join) { page in
                            _ = try await page.step("playing")
                            relay.forward(to: gateway.udpPort, lossPerMille: 1000)
                            _ = try await page.step("interrupted", within: .seconds(40))
                            _ = try await front.requests.first("an ICE restart") { $0.method == "PATCH" }
                            relay.forward(to: gateway.udpPort)
                            _ = try await page.step("open", within: .seconds(40))
                            page.stop()
                        }
                        #expect(report.error == nil)
                        #expect(report.details("endured").count == 1)
                    }
                }
            }
        }

        /// The browser says that it is online again: at once a restart, with the tag of the answer, and of each restart after.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func anotherNetworkRestartsICE(browser: Browser) async throws {
            try await ClientWorld.behindFront { front, _, _ in
                let join = "\(front.origin)/join/world"
                let report = try await browser.run("client", "endure", join: join, parameters: ["online": "2"]) {
                    page in
                    let patch = try await front.requests.first("an ICE restart") { $0.method == "PATCH" }
                    #expect(patch.headers["content-type"] == "application/trickle-ice-sdpfrag")
                    page.stop()
                }
                #expect(report.error == nil)
                let requests = report.details("endured").first?["requests"].array ?? []
                #expect(requests.map { $0["status"].int } == [200, 200])
                let tags = requests.compactMap { $0["match"].string }
                #expect(Set(tags).count == 2 && tags.allSatisfy { $0.hasPrefix("\"") }, "\(tags)")
            }
        }

        /// Whether the gateway has taken a restart whose answer was lost, the page cannot know: it asks again, whatever the
        /// tag is now.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aRestartWithoutAnAnswerIsTriedAgain(browser: Browser) async throws {
            try await ClientWorld.behindFront { front, _, _ in
                front.nextRestarts(.cut(afterPassing: true))
                let join = "\(front.origin)/join/world"
                let report = try await browser.run("client", "endure", join: join, parameters: ["online": "1"]) {
                    $0.stop()
                }
                #expect(report.error == nil)
                let requests = report.details("endured").first?["requests"].array ?? []
                #expect(requests.map { $0["status"].int } == [nil, 200])
                #expect(requests.last?["match"].string == "*")
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func anotherKindOfNetworkRestartsICE(browser: Browser) async throws {
            try await ClientWorld.behindFront { front, _, _ in
                let report = try await browser.run("client", "moved", join: "\(front.origin)/join/world")
                #expect(report.error == nil)
            }
        }

        /// Nothing gets through any more: in the end the page says so, and the gateway, which the page's requests still
        /// reach, lets the player go.
        @Test(.requires(.chromium, .firefox)) func aConnectionThatStaysAwayIsGivenUp() async throws {
            try await Browser.atOnce { browser in
                try await LossyRelay.running(seed: 1) { relay in
                    let options = ["--advertise", "127.0.0.1:\(relay.port)", "--tcp", "off", "--consent-timeout", "60"]
                    try await ClientWorld.running(options) { gateway, _ in
                        relay.forward(to: gateway.udpPort)
                        let report = try await browser.run("client", "lost", join: gateway.join("world")) { page in
                            _ = try await page.step("playing")
                            relay.forward(to: gateway.udpPort, lossPerMille: 1000)
                            _ = try await page.step("interrupted", within: .seconds(40))
                            page.stop()
                            let ended = try await page.step("ended", within: .seconds(40))
                            #expect(ended["reason"].string == "The connection was lost.")
                            #expect(ended["code"].string == "connection-lost")
                            #expect(ended["transient"].bool == true)
                            let gone = try await gateway.ended()
                            #expect(gone["reason"] == "player-left")
                        }
                        #expect(report.error == nil)
                    }
                }
            }
        }

        /// Nothing gets through at first: the page joins once more, and the gateway has let the first player go. Chromium
        /// takes longer to see it than the gateway waits.
        @Test(.requires(.firefox)) func whatFailedAtFirstIsTriedAgain() async throws {
            try await LossyRelay.running(seed: 1) { relay in
                let options = ["--advertise", "127.0.0.1:\(relay.port)", "--tcp", "off"]
                try await ClientWorld.behindFront(options) { front, gateway, _ in
                    relay.forward(to: gateway.udpPort, lossPerMille: 1000)
                    let join = "\(front.origin)/join/world"
                    let report = try await Browser.firefox.run("client", "persist", join: join) { page in
                        let retry = try await page.step("retry", within: .seconds(40))
                        #expect(retry["attempt"].int == 2)
                        #expect(retry["reason"].string?.hasPrefix("No connection came about") == true)
                        let gone = try await gateway.ended()
                        #expect(gone["reason"] == "player-left")
                        relay.forward(to: gateway.udpPort)
                    }
                    #expect(report.error == nil)
                    #expect(report.details("played").count == 1)
                }
            }
        }

        @Test(.requires(.networkNamespaces, .chromium, .firefox), arguments: Browser.available)
        func aPageWithoutUDPPlaysByTCP(browser: Browser) async throws {
            try await NetworkNamespace.running(.ipv4) { namespace in
                let options = ["--advertise", "10.77.0.99", "--advertise-tcp", namespace.address]
                try await ClientWorld.running(options) { gateway, _ in
                    let report = try await browser.run("client", "play", join: gateway.join("world"))
                    #expect(report.error == nil)
                    let stats = try #require(report.details("stats").first)
                    #expect(stats["remote"]["protocol"].string == "tcp")
                    #expect(stats["remote"]["port"].int == Int(gateway.tcpPort))
                }
            }
        }
    }
}
