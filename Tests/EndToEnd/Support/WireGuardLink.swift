import Foundation
import Synchronization
import Testing

/// A real WireGuard tunnel from the current network namespace to one more, where a game server can be: Debian's
/// `wireguard-go` at both ends, over a veth pair.
struct WireGuardLink: Sendable {
    /// Where the server's end is.
    let farSide: NetworkNamespace
    /// The server's address, which only the tunnel leads to.
    static let serverAddress = "10.99.0.2"

    private struct End {
        let namespace: NetworkNamespace
        /// The wire's and the tunnel's interface. Sockets of `wireguard-go` have the tunnel's name, for all namespaces.
        let wire: String
        let tunnel: String
        let outer: String
        let inner: String
    }

    private static let madeEver = Atomic(0)
    private static let port = "51820"

    /// Runs `body` while the tunnel is up.
    ///
    /// - Parameter mtu: of the tunnel's interfaces, in bytes.
    static func running(mtu: Int, _ body: (WireGuardLink) async throws -> Void) async throws {
        guard let near = NetworkNamespace.current else { throw HarnessError("a tunnel begins in a network namespace") }
        let number = "\(ProcessInfo.processInfo.processIdentifier)-\(madeEver.add(1, ordering: .relaxed).newValue)"
        let far = NetworkNamespace(name: "torii-\(number)-far", family: .ipv4)
        let ends = [
            End(namespace: near, wire: "wire0", tunnel: "wg\(number)a", outer: "10.98.0.1", inner: "10.99.0.1"),
            End(namespace: far, wire: "wire1", tunnel: "wg\(number)b", outer: "10.98.0.2", inner: serverAddress),
        ]
        try await command("ip", "netns", "add", far.name)
        do {
            try await connect(ends)
            try await tunnel(ends, mtu: mtu) { try await body(WireGuardLink(farSide: far)) }
        } catch {
            try? await far.end()
            throw error
        }
        // The wire goes with either end.
        try await far.end()
    }

    private static func connect(_ ends: [End]) async throws {
        try await command(
            "ip", "-n", ends[0].namespace.name, "link", "add", ends[0].wire, "type", "veth", "peer", "name",
            ends[1].wire, "netns", ends[1].namespace.name)
        for end in ends {
            try await ip(end, "address", "add", "\(end.outer)/24", "dev", end.wire)
            try await ip(end, "link", "set", end.wire, "up")
            try await ip(end, "link", "set", "lo", "up")
        }
    }

    private static func tunnel(_ ends: [End], mtu: Int, _ body: () async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-wireguard-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let keys = try await ends.asyncMap { end in
            let file = folder.appending(path: end.tunnel).path(percentEncoded: false)
            let secret = try await command("wg", "genkey")
            try Data("\(secret)\n".utf8).write(to: URL(filePath: file))
            return (file: file, open: try await command("wg", "pubkey", input: secret))
        }
        try await program(of: ends[0]) {
            try await program(of: ends[1]) {
                for (end, other) in [(0, 1), (1, 0)] {
                    try await configure(ends[end], keys[end].file, peer: keys[other].open, ends[other], mtu: mtu)
                }
                try await body()
            }
        }
    }

    /// Runs one end's `wireguard-go` while `body` runs; its interface is there then.
    private static func program(of end: End, _ body: () async throws -> Void) async throws {
        try await NetworkNamespace.$current.withValue(end.namespace) {
            try await ChildProcess.running(
                try Requirement.wireguard.path(), ["--foreground", end.tunnel], environment: ["LOG_LEVEL": "verbose"]
            ) { process in
                _ = try await process.output.first("the tunnel's device") { $0.contains("UAPI listener started") }
                // What `body` starts is in the namespace that was current before.
                try await body()
            }
        }
    }

    private static func configure(
        _ end: End, _ keyFile: String, peer key: String, _ other: End, mtu: Int
    ) async throws {
        try await command(
            "ip", "netns", "exec", end.namespace.name, "wg", "set", end.tunnel, "private-key", keyFile, "listen-port",
            port, "peer", key, "allowed-ips", "\(other.inner)/32", "endpoint", "\(other.outer):\(port)")
        try await ip(end, "address", "add", "\(end.inner)/24", "dev", end.tunnel)
        try await ip(end, "link", "set", end.tunnel, "mtu", "\(mtu)", "up")
    }

    /// IPv4 packets that hosts of these namespaces have cut into fragments so far (RFC 2011 ipFragCreates).
    static func fragments(in namespaces: [NetworkNamespace]) async throws -> Int {
        var total = 0
        for namespace in namespaces {
            let table = try await command("ip", "netns", "exec", namespace.name, "cat", "/proc/net/snmp")
            let rows = table.split(separator: "\n").filter { $0.hasPrefix("Ip:") }.map { $0.split(separator: " ") }
            guard rows.count == 2, let column = rows[0].firstIndex(of: "FragCreates"),
                let count = Int(rows[1][column])
            else { throw HarnessError("no FragCreates in /proc/net/snmp") }
            total += count
        }
        return total
    }

    private static func ip(_ end: End, _ arguments: String...) async throws {
        try await command(["ip", "-n", end.namespace.name] + arguments)
    }

    @discardableResult
    private static func command(_ words: String..., input: String? = nil) async throws -> String {
        try await command(words, input: input)
    }

    /// Runs a command outside of every namespace; what it prints.
    @discardableResult
    private static func command(_ words: [String], input: String? = nil) async throws -> String {
        try await NetworkNamespace.$current.withValue(nil) {
            try await ChildProcess.running(words[0], Array(words.dropFirst())) { process in
                if let input { process.write(input) }
                process.closeInput()
                guard try await process.exit() == .code(0) else {
                    throw HarnessError("\(words[0]): \(process.errors.entries.joined(separator: "; "))")
                }
                return process.output.entries.joined(separator: "\n")
            }
        }
    }
}

extension Array {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
