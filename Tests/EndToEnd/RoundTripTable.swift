import Foundation
import Testing

private let environment = ProcessInfo.processInfo.environment
private let runs = environment["TORII_ROUND_TRIPS"].flatMap { Int($0) }

extension BrowserTests {
    /// `Benchmarks/round-trips [RUNS [NAME]]`: how many round trips a browser waits from setRemoteDescription to its channel's
    /// `open`, on a way on which one takes 100 ms, so that what the programs themselves take counts for little.
    /// It measures and asserts nothing.
    @Suite(.enabled(if: runs != nil, "TORII_ROUND_TRIPS says how many runs of each")) struct RoundTripTable {
        private static let delay = Duration.milliseconds(50)

        private struct Case {
            let name: String
            let browser: Browser
            var switches: [String] = []
            var channel = "announced"
            /// What the gateway is told of the browser: `passive` makes it the DTLS client, `active` the server.
            var setup = "actpass"
        }

        private static let snap = "--enable-features=WebRtcSctpSnap"
        private static let sped = "--force-fieldtrials=WebRTC-IceHandshakeDtls/Enabled/"
        private static let cases =
            [
                Case(name: "Chromium", browser: .chromium),
                Case(name: "Chromium, SNAP", browser: .chromium, switches: [snap]),
                Case(name: "Chromium, SPED", browser: .chromium, switches: [sped]),
                Case(name: "Chromium, SNAP and SPED", browser: .chromium, switches: [snap, sped]),
            ].flatMap { one in
                ["actpass", "passive", "active"].map {
                    Case(name: one.name, browser: one.browser, switches: one.switches, setup: $0)
                }
            } + [
                Case(name: "Chromium, numbered channel", browser: .chromium, channel: "numbered"),
                Case(name: "Firefox", browser: .firefox),
                Case(name: "Firefox, numbered channel", browser: .firefox, channel: "numbered"),
            ]

        @Test(.requires(.chromium, .firefox)) func print() async throws {
            let runs = try #require(runs)
            Swift.print("| browser | offers | gateway | SNAP | median | best | worst |\n|---|---|---|---|---|---|---|")
            let wanted = environment["TORII_ROUND_TRIPS_OF"] ?? ""
            for one in Self.cases where one.name.contains(wanted) || wanted.isEmpty {
                Swift.print(try await row(of: one, runs: runs))
            }
        }

        private func row(of one: Case, runs: Int) async throws -> String {
            let report = try await DelayRelay.running(delay: Self.delay) { relay in
                try await ENetProgram.echoServer { _, port in
                    try await GatewayProgram.serving(
                        ["world=enet://127.0.0.1:\(port)?profile=channels"],
                        options: ["--advertise", relay.address, "--tcp", "off"]
                    ) { gateway in
                        relay.lead(toPort: gateway.udpPort)
                        return try await one.browser.run(
                            "opening", "times", join: gateway.join("world"),
                            parameters: ["runs": "\(runs)", "channel": one.channel, "setup": one.setup],
                            switches: one.switches, within: .seconds(200))
                    }
                }
            }
            if let error = report.error { return "| \(one.name) | \(one.setup) | \(error) |||||" }
            let opened = report.details("opened")
            let roundTrip = 2000 * Self.delay.seconds
            let times = opened.compactMap { $0["opened_ms"].number }.map { $0 / roundTrip }.sorted()
            guard let best = times.first, let worst = times.last else { return "| \(one.name) | nothing |||||" }
            let numbers = [times[times.count / 2], best, worst].map { String(format: "%.2f", $0) }
            let role = opened.first?["role"].string ?? "?"
            let isAccelerated = opened.allSatisfy { $0["snap"] == .bool(true) } ? "yes" : "no"
            return "| \(one.name) | \(one.setup) | \(role) | \(isAccelerated) | \(numbers.joined(separator: " | ")) |"
        }
    }
}
