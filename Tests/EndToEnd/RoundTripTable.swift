import Foundation
import Testing

private let environment = ProcessInfo.processInfo.environment
/// How many runs of each kind `Benchmarks/round-trips` wants.
private let wantedRuns = environment["TORII_ROUND_TRIPS"].flatMap { Int($0) }

extension BrowserTests {
    /// How many round trips a browser waits from setRemoteDescription to its channel's `open`, on a way on which one takes
    /// 100 ms, so that what the programs themselves take counts for little.
    ///
    /// A test of each browser once; `Benchmarks/round-trips [RUNS [NAME]]` prints a table of every kind, or of those with
    /// NAME in their name.
    @Suite struct RoundTripTable {
        private static let delay = Duration.milliseconds(50)

        private struct Case {
            let name: String
            let browser: Browser
            var switches: [String] = []
            var channel = "announced"
            /// What the gateway is told of the browser: `passive` makes it the DTLS client, `active` the server.
            var setup = "actpass"

            /// ICE, DTLS and SCTP wait for the other side once at least; SNAP spares SCTP that, and SPED has DTLS begin
            /// with ICE.
            var fewestRoundTrips: Double {
                3 - (switches.contains(snap) ? 1 : 0) - (switches.contains(sped) ? 1 : 0)
            }
        }

        private static let snap = "--enable-features=WebRtcSctpSnap"
        private static let sped = "--force-fieldtrials=WebRTC-IceHandshakeDtls/Enabled/"
        private static let kinds =
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

        @Test(.requires(.chromium, .firefox)) func aChannelOpensAfterItsRoundTrips() async throws {
            if wantedRuns != nil {
                print("| browser | offers | gateway | SNAP | median | best | worst |\n|---|---|---|---|---|---|---|")
            }
            for one in Self.chosen {
                let report = try await measure(one)
                if wantedRuns != nil { print(Self.row(of: one, report)) }
                #expect(report.error == nil, "\(one.name)")
                let times = Self.times(report)
                #expect(times.count == wantedRuns ?? 1)
                // How many more it takes is for the table to show, as a busy machine adds some.
                #expect(times.allSatisfy { $0 >= one.fewestRoundTrips }, "\(one.name): \(times)")
            }
        }

        private static var chosen: [Case] {
            guard wantedRuns != nil else { return Browser.available.map { Case(name: $0.rawValue, browser: $0) } }
            let name = environment["TORII_ROUND_TRIPS_OF"] ?? ""
            return kinds.filter { $0.name.contains(name) || name.isEmpty }
        }

        private func measure(_ one: Case) async throws -> Browser.Report {
            try await DelayRelay.running(delay: Self.delay) { relay in
                try await ENetProgram.echoServer { _, port in
                    try await GatewayProgram.serving(
                        ["world=enet://127.0.0.1:\(port)?profile=channels"],
                        options: ["--advertise", relay.address, "--tcp", "off"]
                    ) { gateway in
                        relay.lead(toPort: gateway.udpPort)
                        return try await one.browser.run(
                            "opening", "times", join: gateway.join("world"),
                            parameters: ["runs": "\(wantedRuns ?? 1)", "channel": one.channel, "setup": one.setup],
                            switches: one.switches, within: .seconds(200))
                    }
                }
            }
        }

        /// From setRemoteDescription to `open`, in round trips, shortest first.
        private static func times(_ report: Browser.Report) -> [Double] {
            let roundTrip = 2000 * delay.seconds
            return report.details("opened").compactMap { $0["opened_ms"].number }.map { $0 / roundTrip }.sorted()
        }

        private static func row(of one: Case, _ report: Browser.Report) -> String {
            if let error = report.error { return "| \(one.name) | \(one.setup) | \(error) |||||" }
            let opened = report.details("opened")
            let times = times(report)
            guard let best = times.first, let worst = times.last else { return "| \(one.name) | nothing |||||" }
            let numbers = [times[times.count / 2], best, worst].map { String(format: "%.2f", $0) }
            let role = opened.first?["role"].string ?? "?"
            let isAccelerated = opened.allSatisfy { $0["snap"] == .bool(true) } ? "yes" : "no"
            return "| \(one.name) | \(one.setup) | \(role) | \(isAccelerated) | \(numbers.joined(separator: " | ")) |"
        }
    }
}
