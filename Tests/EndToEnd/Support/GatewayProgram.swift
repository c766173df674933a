import Foundation
import Glibc

/// The gateway under test: the `torii` command of this build, on free ports of loopback, or those of the current network
/// namespace.
struct GatewayProgram: Sendable {
    let process: ChildProcess
    /// `http://HOST:PORT`, or with https.
    let origin: String
    let udpPort: UInt16
    /// 0 where there is none.
    let tcpPort: UInt16
    /// `HOST:PORT` of its metrics; empty where there are none.
    let metrics: String
    /// `HOST:PORT` of its admin page; empty where there is none.
    let admin: String

    /// The URL a page joins a route by.
    func join(_ route: String) -> String { "\(origin)/join/\(route)" }

    /// Runs `torii serve` with these routes while `body` runs.
    ///
    /// - Parameter httpPort: the port of its HTTP side, where another program must know it beforehand.
    @discardableResult
    static func serving<Result: Sendable>(
        _ routes: [String], options: [String] = [], httpPort: UInt16 = 0,
        _ body: (GatewayProgram) async throws -> Result
    ) async throws -> Result {
        let arguments = ["serve"] + routes.flatMap { ["--route", $0] }
        return try await running(arguments + options, httpPort: httpPort, body)
    }

    /// Runs a command of `torii` that starts a gateway.
    static func running<Result: Sendable>(
        _ arguments: [String], httpPort: UInt16 = 0, _ body: (GatewayProgram) async throws -> Result
    ) async throws -> Result {
        let namespace = NetworkNamespace.current
        let host = namespace?.gatewayHost ?? "127.0.0.1"
        let ports = ["--http", "\(host):\(httpPort)", "--udp", "\(host):0"]
        return try await ChildProcess.running(try path(), arguments + ports) { process in
            let line = try await process.errors.first("the gateway's first line") { $0.contains(" notice listening ") }
            let fields = fields(of: line)
            let port = fields["udp"]?.split(separator: ":").last.flatMap { UInt16($0) }
            let tcpPort = fields["tcp"]?.split(separator: ":").last.flatMap { UInt16($0) }
            let httpPort = fields["http"]?.split(separator: ":").last
            guard let httpPort, let port else { throw HarnessError("the gateway wrote \"\(line)\"") }
            let scheme = fields["tls"] == "on" ? "https" : "http"
            let origin = "\(scheme)://\(namespace?.host ?? host):\(httpPort)"
            let gateway = GatewayProgram(
                process: process, origin: origin, udpPort: port, tcpPort: tcpPort ?? 0,
                metrics: fields["metrics"] ?? "", admin: fields["admin"] ?? "")
            do {
                return try await body(gateway)
            } catch {
                let lines = process.errors.entries.suffix(15).map { "    \($0)" }
                throw HarnessError("\(error)\n  the gateway's last lines:\n\(lines.joined(separator: "\n"))")
            }
        }
    }

    /// The fields of the log line that says a session ended, from a position in the log on.
    func ended(from position: Int = 0, within patience: Duration = .seconds(40)) async throws -> [String: String] {
        let line = try await process.errors.first("a session's end in the log", from: position, within: patience) {
            $0.contains(" info ended: ")
        }
        return Self.fields(of: line)
    }

    /// How many UDP sockets of this host are connected to a port of 127.0.0.1, as the gateway's are for each player.
    ///
    /// Linux gives the table out in pieces, of which String(contentsOfFile:) takes the first for all. Where sockets of others
    /// come and go meanwhile, a line may be missing or come twice: so it is read until two readings say the same.
    static func socketsConnected(to port: Int) throws -> Int {
        let remote = "0100007F:" + String(format: "%04X", port)
        var last = -1
        while true {
            let table = try FileHandle(forReadingFrom: URL(filePath: "/proc/net/udp")).readToEnd() ?? Data()
            let lines = String(decoding: table, as: UTF8.self).split(separator: "\n")
            let found = lines.count { $0.split(separator: " ").dropFirst(2).first == remote[...] }
            if found == last { return found }
            last = found
        }
    }

    /// The gateway's own command, built beside the tests.
    static func path() throws -> String {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let command = tests.deletingLastPathComponent().appending(path: "torii").path(percentEncoded: false)
        guard FileManager.default.isExecutableFile(atPath: command) else {
            throw HarnessError("\(command) is not there; build it with the tests")
        }
        return command
    }

    /// `key=value`s of a log line.
    private static func fields(of line: String) -> [String: String] {
        let pairs = line.split(separator: " ").compactMap { word -> (String, String)? in
            let parts = word.split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

extension GatewayProgram {
    /// Has it read its file of settings again.
    func hangUp() {
        process.signal(SIGHUP)
    }
}
