import Foundation
import Glibc
import Testing

/// From start to stop, without players.
@Suite(.timeLimit(.minutes(2))) struct RunningTests {
    private static let serve = [
        "serve", "--route", "world=enet://127.0.0.1:7777", "--http", "127.0.0.1:0", "--udp", "127.0.0.1:0",
    ]

    @Test(arguments: [SIGTERM, SIGINT]) func theFirstSignalStopsItInOrder(signal: Int32) async throws {
        let torii = try ToriiProcess(Self.serve)
        let start = try await torii.line(containing: " notice listening ")
        #expect(start.contains(" routes=world=127.0.0.1:7777 "))
        #expect(start.contains(" tcp=127.0.0.1:"))
        torii.signal(signal)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.last?.hasSuffix(" notice stopped") == true)
    }

    @Test func withoutTCPTheLogSaysSo() async throws {
        let torii = try ToriiProcess(Self.serve + ["--tcp", "off"])
        let start = try await torii.line(containing: " notice listening ")
        #expect(start.contains(" tcp=off "))
        #expect(start.contains(#" advertised_tcp="" "#))
        torii.signal(SIGTERM)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
    }

    @Test func aServerThatNeedNotShowAnythingIsWarnedOf() async throws {
        let torii = try ToriiProcess(
            Self.serve + ["--route", "b=enets://127.0.0.1?verify=none", "--route", "a=enets://127.0.0.1?verify=none"]
                + ["--route", "c=enets://127.0.0.1?pin=sha256:" + String(repeating: "0A", count: 32)])
        let start = try await torii.line(containing: " notice listening ")
        #expect(start.contains(#" unverified="a b""#), "\(start)")
        for route in ["a", "b"] {
            let warning = try await torii.line(containing: " warning ")
            #expect(warning.contains("(verify=none)") && warning.hasSuffix(" route=\(route)"), "\(warning)")
        }
        torii.signal(SIGTERM)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
        #expect(outcome.errors.count { $0.contains(" warning ") } == 2)
    }

    @Test func addressesForTCPAreThoseForUDPUnlessSaid() async throws {
        let advertised = ["--advertise", "192.0.2.1:99", "--advertise", "192.0.2.1:98", "--advertise", "192.0.2.2"]
        for (options, expected) in [
            ([], #"192.0.2.1:PORT 192.0.2.2:PORT"#), (["--advertise-tcp", "192.0.2.3:97"], "192.0.2.3:97"),
        ] {
            let torii = try ToriiProcess(Self.serve + advertised + options)
            let start = try await torii.line(containing: " notice listening ")
            let port = try #require(start.firstMatch(of: #/ tcp=127\.0\.0\.1:(\d+)/#)).1
            let shown = expected.replacing("PORT", with: port)
            #expect(start.contains(" advertised_tcp=\(shown.contains(" ") ? "\"\(shown)\"" : shown) "), "\(start)")
            torii.signal(SIGTERM)
            let outcome = try await torii.outcome()
            #expect(outcome.status == 0)
        }
    }

    /// As when a terminal and a supervisor both send it.
    @Test func aDoubledSignalIsOne() async throws {
        let torii = try ToriiProcess(Self.serve)
        _ = try await torii.line(containing: " notice listening ")
        let command = try torii.commandID
        kill(command, SIGINT)
        kill(command, SIGTERM)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
    }

    @Test func aMaskThatWasInheritedDoesNotKeepItRunning() async throws {
        let torii = try ToriiProcess(Self.serve, isBlocking: true)
        _ = try await torii.line(containing: " notice listening ")
        try kill(torii.commandID, SIGTERM)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
    }

    @Test(arguments: [SIGTERM, SIGINT]) func theSecondSignalEndsItAtOnce(signal: Int32) async throws {
        let torii = try ToriiProcess(Self.serve)
        let start = try await torii.line(containing: " notice listening ")
        // A request under way keeps it from stopping.
        let port = start.split(separator: " ").first { $0.hasPrefix("http=") }?.split(separator: ":").last
        let connection = try TakenPort.connection(
            to: #require(port.flatMap { UInt16($0) }),
            sending: "POST /join/world HTTP/1.1\r\nHost: a\r\nContent-Type: application/sdp\r\n"
                + "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n")
        defer { close(connection) }
        torii.signal(signal)
        try await torii.signalUntilItEnds(signal, after: " notice stopping")
        let outcome = try await torii.outcome()
        #expect(outcome.status == 128 + signal)
        #expect(outcome.errors.last?.contains(" notice stopped") == false)
    }

    @Test func theDemoStartsSaysWhereAndStops() async throws {
        let torii = try ToriiProcess(["demo", "--game-port", "0", "--http", "127.0.0.1:0", "--udp", "127.0.0.1:0"])
        let start = try await torii.line(containing: " notice listening ")
        let http = try #require(start.split(separator: " ").first { $0.hasPrefix("http=") }?.dropFirst("http=".count))
        torii.signal(SIGTERM)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("http://\(http)/"))
    }

    /// Programs start with a limit of 1024 on most systems.
    @Test func theLimitOfOpenFilesIsRaised() async throws {
        let torii = try ToriiProcess(Self.serve + ["--max-sessions", "500"], shell: "ulimit -S -n 256")
        _ = try await torii.line(containing: " notice listening ")
        let limits = try String(contentsOfFile: "/proc/\(torii.commandID)/limits", encoding: .utf8)
        let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files ") })
        let limit = try #require(line.split(separator: " ").dropFirst(3).first.flatMap { Int($0) })
        #expect(limit >= 1500)
        torii.signal(SIGTERM)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
    }
}
