import Foundation
import Glibc
import Testing

/// A gateway that runs out of descriptors or memory: new players are told, those who are there go on, and when there is
/// enough again, new ones are taken.
@Suite(.timeLimit(.minutes(2))) struct ExhaustionTests {
    private struct Running {
        let torii: ToriiProcess
        let start: String

        init(_ options: [String] = [], game: UInt16 = 7777, shell: String = ":") async throws {
            torii = try ToriiProcess(
                [
                    "serve", "--route", "world=enet://127.0.0.1:\(game)?profile=channels", "--http", "127.0.0.1:0",
                    "--udp",
                    "127.0.0.1:0", "--metrics", "127.0.0.1:0",
                ] + options, shell: shell)
            start = try await torii.line(containing: " notice listening ")
        }

        /// Of one of its listeners, as the log calls it.
        func port(_ name: String) throws -> UInt16 {
            let word = start.split(separator: " ").first { $0.hasPrefix("\(name)=127.0.0.1:") }
            return try #require(word.flatMap { UInt16($0.dropFirst(name.count + 11)) }, "\(start)")
        }

        var http: SmallClient { get throws { SmallClient(port: try port("http")) } }

        func refusals(_ reason: String) throws -> Int {
            try metric("torii_join_refusals_total{reason=\"\(reason)\"}")
        }

        func metric(_ series: String) throws -> Int {
            let page = try SmallClient(port: port("metrics")).answer("GET /metrics").body
            let line = try #require(page.split(separator: "\n").first { $0.hasPrefix("\(series) ") })
            return try #require(Int(line.dropFirst(series.count + 1)))
        }

        /// The first descriptor it has not got.
        func firstFreeDescriptor() throws -> Int {
            let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(torii.commandID)/fd")
            let used = Set(names.compactMap { Int($0) })
            return try #require((0...10_000).first { !used.contains($0) })
        }

        func limit(_ resource: String, to value: Int?) throws {
            let limit = value.map { "\($0)" } ?? "unlimited"
            let tool = try Process.run(
                URL(filePath: "/usr/bin/prlimit"),
                arguments: ["--pid", "\(torii.commandID)", "--\(resource)=\(limit):"])
            tool.waitUntilExit()
            #expect(tool.terminationStatus == 0)
        }

        /// Bytes of its address space (proc(5), statm).
        func addressSpace() throws -> Int {
            let statm = try String(contentsOfFile: "/proc/\(torii.commandID)/statm", encoding: .utf8)
            let pages = try #require(statm.split(separator: " ").first.flatMap { Int($0) })
            return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        }

        func stop() async throws {
            torii.signal(SIGINT)
            let outcome = try await torii.outcome()
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }

    /// With no descriptor left a connection waits, and not at the expense of all processor time; with one it is served.
    @Test(arguments: ["tcp", "http", "metrics"]) func connectionsWaitForDescriptors(listener: String) async throws {
        let gateway = try await Running()
        let firstFree = try gateway.firstFreeDescriptor()
        try gateway.limit("nofile", to: firstFree)
        let before = try processorTime(of: gateway.torii.commandID)
        // To TCP, no browser would begin like this: who is heard is closed. To HTTP it is no request.
        let connection = try TakenPort.connection(
            to: gateway.port(listener), sending: "\u{0}\u{1}x\r\n\r\n", isAnswered: false)
        defer { close(connection) }
        var watched = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        #expect(poll(&watched, 1, 2_000) == 0, "the connection was served")
        #expect(try processorTime(of: gateway.torii.commandID) - before < 0.2)
        try gateway.limit("nofile", to: firstFree + 100)
        #expect(poll(&watched, 1, 10_000) == 1)
        try await gateway.stop()
    }

    /// Seconds, of which a second has a hundred parts here (proc(5), USER_HZ).
    private func processorTime(of command: pid_t) throws -> Double {
        let stat = try String(contentsOfFile: "/proc/\(command)/stat", encoding: .utf8)
        let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
        return fields.dropFirst(11).prefix(2).reduce(0) { $0 + (Double($1) ?? .nan) } / 100
    }

    /// What runs Swift's tasks would end the process otherwise.
    @Test func libdispatchGoesOnWithoutDescriptors() async throws {
        let pool = try CompanionProcess("CrowdedPool", [])
        let (status, output) = try await pool.outcome()
        #expect(status == 0, "\(output)")
    }

    /// What it waits with at its end is there from the start.
    @Test func itStopsInOrderWithoutDescriptors() async throws {
        let gateway = try await Running()
        let http = try gateway.http
        // Whoever had a session is answered for a while after it.
        _ = try http.joined()
        try gateway.limit("nofile", to: try gateway.firstFreeDescriptor())
        try await gateway.stop()
    }

    /// HTTP still has descriptors when players get none any more.
    @Test func withTooFewDescriptorsJoinsAreRefused() async throws {
        let gateway = try await Running()
        let http = try gateway.http
        let session = try http.joined()
        let firstFree = try gateway.firstFreeDescriptor()
        try gateway.limit("nofile", to: firstFree + 20)
        try expectRefusals(http, "The gateway has too many files and sockets open")
        #expect(try http.answer("GET \(session)").status == 200)
        #expect(try gateway.refusals("short-of-descriptors") == 1)
        try gateway.limit("nofile", to: firstFree + 200)
        _ = try http.joined()
        #expect(try http.answer("GET /health/ready").status == 200)
        try await gateway.stop()
    }

    /// Each who is joining will need one more.
    @Test func whoIsJoiningHasItsDescriptor() async throws {
        let gateway = try await Running()
        let http = try gateway.http
        try gateway.limit("nofile", to: try gateway.firstFreeDescriptor() + 40)
        var joined = 0
        while case let status = try http.join().status, status != 503 {
            #expect(status == 201)
            joined += 1
            try #require(joined < 40)
        }
        #expect((1...9).contains(joined))
        try await gateway.stop()
    }

    /// Who was taken while there were some, and finds none left, is told so; the server is not to blame.
    @Test func whoGetsNoSocketIsTold() async throws {
        let way = try HeldWay()
        defer { way.end() }
        let gateway = try await Running(["--advertise", "127.0.0.1:\(way.port)", "--tcp", "off"])
        let join = "http://127.0.0.1:\(try gateway.port("http"))/join/world"
        let player = try CompanionProcess(
            "BenchmarkLoad", ["--web", "1", "--windows", "1", "--seconds", "1", "--join", join])
        _ = try await gateway.torii.line(containing: " info joined ")
        try gateway.limit("nofile", to: try gateway.firstFreeDescriptor())
        way.open(to: try gateway.port("udp"))
        let end = try await gateway.torii.line(containing: " info ended: ")
        #expect(end.contains(" reason=gateway-exhausted "), "\(end)")
        player.end()
        _ = try await player.outcome()
        try await gateway.stop()
    }

    @Test func withTooLittleMemoryJoinsAreRefused() async throws {
        let gateway = try await Running()
        let http = try gateway.http
        let session = try http.joined()
        try gateway.limit("as", to: try gateway.addressSpace() * 21 / 20)
        try expectRefusals(http, "The gateway has too little memory left for new players")
        #expect(try http.answer("GET \(session)").status == 200)
        #expect(try gateway.refusals("short-of-memory") == 1)
        try gateway.limit("as", to: nil)
        _ = try http.joined()
        try await gateway.stop()
    }

    /// Real players, before and after the gateway has too little for more of them.
    @Test(arguments: ["nofile", "as"]) func whoPlaysPlaysOn(resource: String) async throws {
        let world = try await World()
        let gateway = world.gateway
        if resource == "as" {
            try gateway.limit(resource, to: try gateway.addressSpace() * 21 / 20)
            try expectRefusals(gateway.http, "The gateway has too little memory left for new players")
        } else {
            try gateway.limit(resource, to: try gateway.firstFreeDescriptor() + 10)
            try expectRefusals(gateway.http, "The gateway has too many files and sockets open")
        }
        try await world.expectToPlayOn()
    }

    /// The kernel's own limit, as a container or systemd sets it.
    @Test(.requiresMemoryGroups) func whoPlaysPlaysOnInAFullGroup() async throws {
        let group = try MemoryGroup()
        let world = try await World(shell: group.entrance)
        // A tenth is left to those who play.
        try group.limit(to: try group.used() * 21 / 20)
        try expectRefusals(world.gateway.http, "The gateway has too little memory left for new players")
        try await world.expectToPlayOn {
            try group.limit(to: nil)
            _ = try world.gateway.http.joined()
        }
    }

    /// A gateway with a server, on which three web players play for a few seconds.
    private struct World {
        let gateway: Running
        private let server: CompanionProcess
        private let players: CompanionProcess

        init(shell: String = ":") async throws {
            let port = try TakenPort(.udp).number
            server = try CompanionProcess("BenchmarkServer", ["127.0.0.1", "\(port)", "16"])
            try await server.waitForOutput("READY")
            gateway = try await Running(game: port, shell: shell)
            let join = "http://127.0.0.1:\(try gateway.port("http"))/join/world"
            players = try CompanionProcess(
                "BenchmarkLoad", ["--web", "3", "--windows", "1", "--seconds", "5", "--join", join])
            while try gateway.metric(#"torii_sessions{route="world",state="playing"}"#) < 3 { await Task.yield() }
        }

        /// Ends the world.
        func expectToPlayOn(before end: () throws -> Void = {}) async throws {
            let (status, output) = try await players.outcome()
            #expect(status == 0, "\(output)")
            #expect(!output.contains("ended before the end"), "\(output)")
            let row = try #require(output.split(separator: "\n").first { $0.hasPrefix("| web players") }, "\(output)")
            let arrived = try #require(
                row.split(separator: "|").last { $0 != " " }.flatMap { Double($0.dropFirst().dropLast()) })
            #expect(arrived > 90, "\(output)")
            try end()
            server.end()
            try await gateway.stop()
        }
    }

    /// The log's disk is full: its lines are left out, and counted when there is room again; players notice nothing.
    @Test(.requiresMounts) func aFullDiskTakesOnlyLinesOfTheLog() async throws {
        let disk = try SmallDisk()
        let torii = try ToriiProcess(
            [
                "serve", "--route", "world=enet://127.0.0.1:7777?profile=channels", "--http", "127.0.0.1:0", "--udp",
                "127.0.0.1:0",
            ], shell: "\(disk.mount) && exec 2>\(disk.path)/log", isApart: true)
        var start = ""
        while !start.contains(" notice listening ") { start = (try? disk.text("log", of: torii)) ?? "" }
        let port = try #require(start.firstMatch(of: #/ http=127\.0\.0\.1:(\d+) /#).flatMap { UInt16($0.1) })
        let http = SmallClient(port: port)
        try disk.fill(of: torii)
        // Some lines still have room in the last page.
        for _ in 0..<30 { #expect(try http.answer("DELETE \(http.joined())").status == 200) }
        let full = try disk.text("log", of: torii)
        try #require(full.contains(" info joined "))
        try disk.empty(of: torii)
        // As the log calls it.
        let session = try #require(http.joined().split(separator: "/").last).prefix(8)
        var log = full
        while !log.contains("session=\(session)") { log = try disk.text("log", of: torii) }
        #expect(log.hasPrefix(full))
        #expect(log.contains(#/ warning lines could not be written lines=\d+\n/#), "\(log)")
        torii.signal(SIGINT)
        #expect(try await torii.outcome().status == 0)
    }

    /// No full disk can hurt: whatever it is asked for, it writes no file. The first byte written to one would end it here
    /// (setrlimit(2), RLIMIT_FSIZE).
    @Test func nothingItDoesNeedsADisk() async throws {
        let token = try SettingsFile("Zm9yIHRoZXNlIHRlc3RzIGFsb25lLg==\n", name: "token")
        try #require(chmod(token.path, 0o600) == 0)
        let settings = try SettingsFile("max-sessions: 5\n")
        let gateway = try await Running(
            ["--config", settings.path, "--admin", "127.0.0.1:0", "--admin-token-file", token.path],
            shell: "ulimit -f 0")
        let http = try gateway.http
        let session = try #require(http.joined().split(separator: "/").last)
        let admin = SmallClient(port: try gateway.port("admin"))
        func ask(_ line: String) throws -> SmallClient.Answer {
            try admin.answer(line, host: "localhost", token: "Zm9yIHRoZXNlIHRlc3RzIGFsb25lLg==")
        }
        #expect(try ask("POST /api/sessions/\(session)/capture?seconds=1&payloads=1").status == 200)
        #expect(try ask("GET /api/sessions/\(session)").status == 200)
        for (text, line) in [("max-sessions: 6\n", "configuration reloaded"), ("max-sessions: x\n", " error ")] {
            try settings.overwrite(with: text)
            try kill(gateway.torii.commandID, SIGHUP)
            _ = try await gateway.torii.line(containing: line)
        }
        #expect(try http.answer("DELETE /session/\(session)").status == 200)
        #expect(try gateway.refusals("full") == 0)
        try await gateway.stop()
    }

    private func expectRefusals(_ http: SmallClient, _ sentence: String) throws {
        // What was seen of memory holds for some milliseconds.
        while try http.answer("GET /health/ready").status == 200 {}
        let refused = try http.join()
        #expect(refused.status == 503)
        #expect(refused["Retry-After"] == "5")
        #expect(refused.body.hasPrefix("\(sentence); "), "\(refused.body)")
        let ready = try http.answer("GET /health/ready")
        #expect(ready.status == 503)
        #expect(ready.body.hasPrefix(sentence), "\(ready.body)")
        #expect(try http.answer("GET /health/live").status == 200)
    }
}
