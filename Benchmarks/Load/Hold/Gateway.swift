import BenchmarkPlayers
import Foundation
import Glibc
import Primitives

struct GatewayAddresses {
    let http: TransportAddress
    let udp: TransportAddress
    let tcp: TransportAddress
    let metrics: TransportAddress
}

/// The gateway under test, and its file of settings.
final class Gateway {
    let process: ChildProcess
    let addresses: GatewayAddresses
    private let file: URL
    private let servers: [TransportAddress]
    /// What is in use, as far as this side knows.
    private(set) var sessionLimit = 500

    init(_ program: URL, folder: URL, servers: [TransportAddress]) throws {
        file = folder.appending(path: "torii.yaml")
        self.servers = servers
        try Self.settings(servers, sessionLimit: sessionLimit).write(to: file, atomically: true, encoding: .utf8)
        process = try ChildProcess(
            program, ["serve", "--config", file.path], log: folder.appending(path: "gateway"),
            sign: " notice listening ")
        let text = try process.text()
        // So that whoever started this program can end the gateway if it cannot itself.
        try "\(process.id)".write(to: folder.appending(path: "gateway.pid"), atomically: true, encoding: .utf8)
        func address(_ name: String) throws -> TransportAddress {
            let word = text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("\(name)=") }
            return try JoinURL.address(String(word?.dropFirst(name.count + 1) ?? ""))
        }
        addresses = GatewayAddresses(
            http: try address("http"), udp: try address("udp"), tcp: try address("tcp"), metrics: try address("metrics")
        )
    }

    /// A file with another limit, which the gateway is told of.
    func reload() throws {
        sessionLimit = sessionLimit == 500 ? 600 : 500
        try Self.settings(servers, sessionLimit: sessionLimit).write(to: file, atomically: true, encoding: .utf8)
        process.signal(SIGHUP)
    }

    /// A file that is wrong in its last line, with another limit in its first.
    func reloadWrongly() throws {
        let text = Self.settings(servers, sessionLimit: 7) + "max-session: 7\n"
        try text.write(to: file, atomically: true, encoding: .utf8)
        process.signal(SIGHUP)
    }

    /// Puts back what is in use.
    func restoreFile() throws {
        try Self.settings(servers, sessionLimit: sessionLimit).write(to: file, atomically: true, encoding: .utf8)
    }

    private static func settings(_ servers: [TransportAddress], sessionLimit: Int) -> String {
        """
        max-sessions: \(sessionLimit)
        http: 127.0.0.1:0
        udp: 127.0.0.1:0
        tcp: 127.0.0.1:0
        metrics: 127.0.0.1:0
        drain-timeout: 0
        routes:
          world:
            servers:
        \(servers.map { "      - enet://\($0)" }.joined(separator: "\n"))
            profile: channels
            channels: 2
            probe: 5

        """
    }
}

/// What /proc says of a process.
struct ProcessSample {
    let residentKiB: Int
    let descriptors: Int
    /// User and kernel mode together.
    let processorSeconds: Double

    init(of id: pid_t) throws {
        let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        residentKiB = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").count
        let stat = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        // proc(5): behind the name in brackets, utime and stime are the 12th and 13th.
        let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
        processorSeconds = fields.dropFirst(11).prefix(2).reduce(0) { $0 + (Double($1) ?? 0) } / 100
    }
}
