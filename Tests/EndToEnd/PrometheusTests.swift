import Foundation
import Testing

extension BrowserTests {
    /// A real Prometheus scrapes a gateway that real browsers play through.
    @Suite struct PrometheusTests {
        /// One session that ends as it should, one whose server dies.
        @Test(.requires(.chromium, .prometheus)) func whatHappensIsToldToPrometheus() async throws {
            try await withRoutes { gateway, server, prometheus in
                for route in ["open", "lax"] {
                    try await prometheus.wait(for: #"sum(torii_sessions{route="\#(route)"})"#, toBe: 0)
                }
                try await prometheus.wait(for: #"torii_route_certificate_unverified{route="lax"}"#, toBe: 1)
                try await prometheus.wait(for: #"torii_route_certificate_unverified{route="open"}"#, toBe: 0)
                try await prometheus.wait(for: #"ALERTS{alertname="ToriiCertificateUnverified"}"#, toBe: 1)

                let kinds = try await Browser.chromium.run("echo", "kinds", join: gateway.join("open"))
                #expect(kinds.error == nil)
                try await prometheus.wait(
                    for: #"torii_session_ends_total{route="open",reason="browser-closed"}"#, toBe: 1)
                try await checkTraffic(prometheus)

                let stay = try await Browser.chromium.run("echo", "stay", join: gateway.join("lax")) { page in
                    _ = try await page.step("staying")
                    try await checkPlaying(prometheus)
                    server.process.signal(SIGKILL)
                }
                #expect(stay.error == nil)
                try await prometheus.wait(
                    for: #"torii_session_ends_total{route="lax",reason="server-vanished"}"#, toBe: 1)
                try await prometheus.wait(for: "sum(torii_session_ends_total)", toBe: 2)
                try await prometheus.wait(for: #"torii_route_server_up{route="lax"}"#, toBe: 0)
                try await prometheus.wait(for: #"torii_route_server_up{route="open"}"#, toBe: 1)
                try await checkDeployed(gateway, prometheus)
            }
        }

        private func checkTraffic(_ prometheus: PrometheusProgram) async throws {
            for metric in ["torii_messages_total", "torii_message_bytes_total"] {
                let reliable = #"\#(metric){route="open",delivery="reliable""#
                try await prometheus.wait(for: reliable + #",direction="to-server"}"#) {
                    $0.count == 1 && ($0.first ?? 0) > 0
                }
                // What an echo server is sent comes back.
                try await prometheus.wait(
                    for:
                        #"\#(reliable),direction="to-browser"} - ignoring(direction) \#(reliable),direction="to-server"}"#,
                    toBe: 0)
            }
            try await prometheus.wait(for: "sum(torii_sctp_chunks_received_total)") { ($0.first ?? 0) > 0 }
            try await prometheus.wait(for: "torii_worker_turn_seconds_count") { ($0.first ?? 0) > 0 }
            for cause in ["deadline", "request", "datagram"] {
                try await prometheus.wait(for: #"torii_worker_lag_seconds_count{cause="\#(cause)"}"#) {
                    ($0.first ?? 0) > 0
                }
            }
            for direction in ["received", "sent"] {
                try await prometheus.wait(for: #"torii_worker_batch_datagrams_sum{direction="\#(direction)"}"#) {
                    ($0.first ?? 0) > 0
                }
            }
        }

        private func checkPlaying(_ prometheus: PrometheusProgram) async throws {
            try await prometheus.wait(for: #"torii_sessions{route="lax",state="playing"}"#, toBe: 1)
            try await prometheus.wait(for: "sum(torii_sessions)", toBe: 1)
            try await prometheus.wait(for: #"torii_joins_total{route="lax"}"#, toBe: 1)
            for phase in ["offer", "ice", "dtls", "sctp", "enet"] {
                try await prometheus.wait(
                    for: #"torii_session_setup_seconds_count{route="lax",phase="\#(phase)"}"#, toBe: 1)
            }
            for leg in ["browser", "server"] {
                try await prometheus.wait(for: #"torii_round_trip_seconds_count{route="lax",leg="\#(leg)"}"#) {
                    ($0.first ?? 0) >= 1
                }
            }
            try await prometheus.wait(for: #"up{job="torii"}"#, toBe: 1)
            try await prometheus.wait(for: "process_open_fds") { ($0.first ?? 0) > 5 }
            try await prometheus.wait(for: "time() - process_start_time_seconds") {
                $0.first.map((0...300).contains) ?? false
            }
        }

        /// What operators are given fits what the gateway tells.
        private func checkDeployed(_ gateway: GatewayProgram, _ prometheus: PrometheusProgram) async throws {
            let page = try await PrometheusProgram.output(
                "curl", ["--silent", "--show-error", "--fail", "http://\(gateway.metrics)/metrics"])
            let types = Dictionary(
                page.split(separator: "\n").compactMap { $0.wholeMatch(of: #/# TYPE (\w+) (\w+)/#) }
                    .map { (String($0.1), String($0.2)) }, uniquingKeysWith: { first, _ in first })
            #expect(types.count > 30)
            let checked = try await PrometheusProgram.output(
                "sh", ["-c", "curl --silent \"$0\" | promtool check metrics 2>&1", "http://\(gateway.metrics)/metrics"])
            #expect(checked.isEmpty, "promtool: \(checked)")

            let queries = try Dashboard.queries()
            #expect(queries.count > 30)
            for query in queries {
                try await prometheus.wait(for: query) { !$0.isEmpty }
            }
            let alerts = try String(contentsOfFile: Checkout.path("Deploy/alerts.yml"), encoding: .utf8)
            for text in queries + [alerts] {
                for match in text.matches(of: #/\b(?:torii|process)_[a-z_]+/#) {
                    let name = String(match.0)
                    let stem = name.replacing(#/_(?:bucket|sum|count)$/#, with: "")
                    #expect(types[name] != nil || types[stem] == "histogram", "\(name) is no metric")
                }
            }
            for name in types.keys {
                #expect(
                    queries.contains { $0.contains(name) } || Self.notPlotted.contains(name),
                    "the dashboard does not show \(name)")
            }
        }

        /// Those whose curve says nothing.
        private static let notPlotted: Set = [
            "torii_route_info", "torii_draining", "torii_stopping", "torii_config_reloads_total",
            "torii_config_last_success_timestamp_seconds", "process_start_time_seconds", "process_virtual_memory_bytes",
        ]

        private func withRoutes(
            _ body: (GatewayProgram, ServerProgram, PrometheusProgram) async throws -> Void
        ) async throws {
            try await ServerCertificate.withFiles { files in
                try await ENetProgram.echoServer { server, serverPort in
                    try await DTLSFront.openssl.running(before: serverPort, files) { _, port in
                        try await GatewayProgram.serving(
                            [
                                "open=enet://127.0.0.1:\(serverPort)?profile=channels",
                                "lax=enets://127.0.0.1:\(port)?profile=channels&verify=none",
                                "found=enet+command:///bin/echo 127.0.0.1:9?private=allowed",
                            ], options: ["--metrics", "127.0.0.1:0"]
                        ) { gateway in
                            try await PrometheusProgram.running(scraping: [gateway.metrics]) { prometheus in
                                try await body(gateway, server, prometheus)
                            }
                        }
                    }
                }
            }
        }
    }
}

@Suite struct AlertRuleTests {
    @Test(.requires(.prometheus)) func theRulesAreWellFormed() async throws {
        let said = try await PrometheusProgram.output(
            "promtool", ["check", "rules", "--lint=all", "--lint-fatal", Checkout.path("Deploy/alerts.yml")])
        #expect(said.contains("SUCCESS: \(try Self.names().count) rules found"))
    }

    /// Tests/Alerts says when each fires and when not.
    @Test(.requires(.prometheus)) func theyFireWhenTheyShould() async throws {
        _ = try await PrometheusProgram.output(
            "promtool", ["test", "rules", Checkout.path("Tests/Alerts/alerts-test.yml")])
        let tests = try String(contentsOfFile: Checkout.path("Tests/Alerts/alerts-test.yml"), encoding: .utf8)
        for name in try Self.names() {
            #expect(tests.contains("alertname: \(name)"), "\(name) is not tried")
        }
    }

    private static func names() throws -> [String] {
        let rules = try String(contentsOfFile: Checkout.path("Deploy/alerts.yml"), encoding: .utf8)
        return rules.matches(of: #/- alert: (\w+)/#).map { String($0.1) }
    }
}
