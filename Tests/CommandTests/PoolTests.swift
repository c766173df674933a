import Foundation
import Glibc
import Testing

/// Several servers, as the command takes them.
@Suite(.timeLimit(.minutes(2))) struct PoolTests {
    private static let flags = ["--http", "127.0.0.1:0", "--udp", "127.0.0.1:0"]

    /// A list of somebody's leads nowhere it may not; a reload that allows it, and a list that changes, are followed.
    @Test func discoveredServersFollowTheFileAndTheReload() async throws {
        let list = try SettingsFile("127.0.0.1:7777 name=one\n", name: "servers")
        let route = "routes:\n  world:\n    server: enet+file://\(list.path)\n"
        let file = try SettingsFile(route)
        let torii = try ToriiProcess(["serve", "--config", file.path] + Self.flags)
        let start = try await torii.line(containing: " notice listening ")
        #expect(start.contains(" routes=world=enet+file://"))
        let refused = try await torii.line(containing: " warning ")
        #expect(
            refused.hasSuffix(
                "The servers of route world cannot be found: 127.0.0.1 is not public; allow such servers with private=allowed. Its last ones stay in use until then."
            ), "\(refused)")
        try file.replace(with: route + "    private: allowed\n")
        let first = try await torii.line(containing: " servers found ")
        #expect(first.hasSuffix(" notice servers found route=world servers=127.0.0.1:7777"), "\(first)")
        try list.replace(with: "127.0.0.1:7777\n127.0.0.1:7778\n")
        let second = try await torii.line(containing: " servers found ")
        #expect(second.hasSuffix(#" route=world servers="127.0.0.1:7777 127.0.0.1:7778""#), "\(second)")
        torii.signal(SIGTERM)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
    }

    /// A list that cannot be used, however often it is looked at, leaves the servers that were found last.
    @Test func aListThatFailsForgetsNoServer() async throws {
        let list = try SettingsFile("127.0.0.1:7777 name=one\n", name: "servers")
        let route = "world=enet+file://\(list.path)?private=allowed&discovery-interval=1"
        let torii = try ToriiProcess(["serve", "--route", route, "--metrics", "127.0.0.1:0"] + Self.flags)
        let start = try await torii.line(containing: " notice listening ")
        let port = String(try #require(start.firstMatch(of: #/ metrics=127\.0\.0\.1:(\d+)/#)).1)
        _ = try await torii.line(containing: " servers found ")
        try list.replace(with: "no server at all\n")
        _ = try await torii.line(containing: " warning ")
        var (page, failures) = ("", 0)
        while failures < 3 {
            page = try await ToriiProcess.page(port: port)
            let match = page.firstMatch(of: #/torii_discovery_looks_total\{route="world",result="failed"\} (\d+)/#)
            failures = match.flatMap { Int($0.1) } ?? 0
        }
        #expect(page.contains(#"torii_server_state{route="world",server="one",state="up"} 1"#), "\(page)")
        torii.signal(SIGINT)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
    }

    @Test func aListThatCannotBeReadIsAWarningOfTheCheck() async throws {
        let file = try SettingsFile("routes:\n  world:\n    server: enet+file:///no/such/list\n")
        let outcome = try await ToriiProcess.run(["check", file.path])
        #expect(outcome.status == 0)
        #expect(
            outcome.errors == [
                "\(file.path):2: route world: warning: servers cannot be found: the file cannot be read: No such file or directory."
            ])
    }

    @Test func serversAreListedInAFlag() async throws {
        let torii = try ToriiProcess(
            ["serve", "--route", "world=enet://127.0.0.1:7777;name=one,127.0.0.1:7778?probe=1"] + Self.flags)
        let start = try await torii.line(containing: " notice listening ")
        #expect(start.contains(" routes=world=127.0.0.1:7777,127.0.0.1:7778"), "\(start)")
        torii.signal(SIGINT)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
    }
}
