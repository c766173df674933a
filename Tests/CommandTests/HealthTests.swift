import Foundation
import Glibc
import Testing

/// What a health check is told about a gateway, and with which status.
@Suite(.timeLimit(.minutes(2))) struct HealthTests {
    private static let serve = [
        "serve", "--route", "world=enet://127.0.0.1:7777", "--http", "127.0.0.1:0", "--udp", "127.0.0.1:0",
    ]

    @Test func aRunningGatewayIsWellAndReady() async throws {
        try await Self.serving { http, _, _ in
            try await expect(0, nil, ["--http", http])
            try await expect(0, nil, ["--http", http, "--ready"])
        }
    }

    /// What restarts a gateway that is not well must not restart one for being full.
    @Test func aFullGatewayIsWellAndNotReady() async throws {
        try await Self.serving(["--max-sessions", "1"]) { http, port, _ in
            let offer = try String(contentsOf: Self.offer, encoding: .utf8).replacing(#/\r?\n/#, with: "\r\n")
            let connection = try TakenPort.connection(
                to: port,
                sending: "POST /join/world HTTP/1.1\r\nHost: a\r\nContent-Type: application/sdp\r\n"
                    + "Content-Length: \(offer.utf8.count)\r\n\r\n\(offer)")
            defer { close(connection) }
            try await expect(0, nil, ["--http", http])
            try await expect(1, "The gateway has as many sessions as it may.", ["--http", http, "--ready"])
        }
    }

    @Test func whereNothingAnswersAsAGatewayDoesTheStatusIs1() async throws {
        let silent = try TakenPort(.tcp)
        try await expect(1, "it did not answer in time.", ["--http", "127.0.0.1:\(silent.number)", "--timeout", "1"])
        let nobody = try TakenPort(.udp)
        try await expect(1, "Connection refused.", ["--http", "127.0.0.1:\(nobody.number)"])
        try await Self.serving { _, _, tcp in
            try await expect(1, "it closed the connection.", ["--http", tcp])
        }
    }

    @Test(arguments: [
        ("--http 8080: the port is missing", ["--http", "8080"]), ("--timeout 0:", ["--timeout", "0"]),
        ("--timeout 61:", ["--timeout", "61"]),
    ])
    func whatAPersonWroteIsRefusedWith64(begins: String, arguments: [String]) async throws {
        let outcome = try await ToriiProcess.run(["health"] + arguments)
        #expect(outcome.status == 64)
        #expect(outcome.errors.first?.hasPrefix("torii: \(begins)") == true, "\(outcome.errors)")
    }

    /// What Chromium offers.
    private static let offer = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/sdp/chromium-data.sdp")

    private static func serving(
        _ options: [String] = [], _ body: (_ http: String, _ port: UInt16, _ tcp: String) async throws -> Void
    ) async throws {
        let torii = try ToriiProcess(serve + options)
        let start = try await torii.line(containing: " notice listening ")
        let http = try #require(start.firstMatch(of: #/ http=(127\.0\.0\.1:(\d+))/#))
        let tcp = try #require(start.firstMatch(of: #/ tcp=(127\.0\.0\.1:\d+)/#)).1
        try await body(String(http.1), try #require(UInt16(http.2)), String(tcp))
        torii.signal(SIGINT)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
    }

    private func expect(
        _ status: Int32, _ sentence: String?, _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        // A busy machine is no sick gateway.
        let patience = arguments.contains("--timeout") ? [] : ["--timeout", "60"]
        let outcome = try await ToriiProcess.run(["health"] + arguments + patience)
        #expect(outcome.status == status, sourceLocation: sourceLocation)
        #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
        let expected = sentence.map { ["torii: the gateway at \(arguments[1]): \($0)"] } ?? []
        #expect(outcome.errors == expected, sourceLocation: sourceLocation)
    }
}
