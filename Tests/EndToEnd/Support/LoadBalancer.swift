import Foundation
import Glibc

/// A load balancer of its own on loopback, with the configuration that Deploy has for it, before gateways on two ports of
/// 127.0.0.1.
enum LoadBalancer: String, Sendable, CaseIterable {
    case haproxy, nginx
    /// Hands on bytes, to one gateway.
    case nginxStream = "nginx's stream"

    /// Those that know HTTP.
    static let ofHTTP = [LoadBalancer.haproxy, .nginx]

    struct Running: Sendable {
        /// `http://HOST:PORT`
        let origin: String
        let port: UInt16

        /// The URL a page joins a route by.
        func join(_ route: String) -> String { "\(origin)/join/\(route)" }
    }

    private var configuration: String {
        switch self {
        case .haproxy: "Deploy/haproxy.cfg"
        case .nginx: "Deploy/nginx.conf"
        case .nginxStream: "Deploy/nginx-stream.conf"
        }
    }

    /// Runs one while `body` runs.
    ///
    /// - Parameter changes: texts of the configuration, and what is to be in their places.
    func running<Result: Sendable>(
        before ports: (a: UInt16, b: UInt16), changes: [String: String] = [:],
        _ body: (Running) async throws -> Result
    ) async throws -> Result {
        let path = try Self.makeFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let port = try UnusedPort.tcp()
        var changes = changes
        if self != .nginxStream {
            changes["192.0.2.11:8080"] = "127.0.0.1:\(ports.a)"
            changes["192.0.2.12:8080"] = "127.0.0.1:\(ports.b)"
        }
        switch self {
        case .haproxy: changes["bind :80\n"] = "bind 127.0.0.1:\(port)\n"
        case .nginxStream:
            changes["192.0.2.11:8443"] = "127.0.0.1:\(ports.a)"
            changes["listen 443"] = "listen 127.0.0.1:\(port)"
        case .nginx:
            changes["listen 80;"] = "listen 127.0.0.1:\(port);"
            changes["http {\n"] = "http {\naccess_log off; client_body_temp_path \(path)/bodies;\n"
        }
        let file = "\(path)/configuration"
        try text(with: changes).write(toFile: file, atomically: true, encoding: .utf8)
        return try await ChildProcess.running(program.path(), arguments(file, folder: path)) { process in
            try await waitUntil(process, listensOn: port)
            return try await body(Running(origin: "http://127.0.0.1:\(port)", port: port))
        }
    }

    /// Has the program itself check Deploy's configuration; what it says.
    func check() async throws -> (exit: ChildProcess.Exit, words: [String]) {
        let path = try Self.makeFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let test = isNginx ? "-t" : "-c"
        let arguments = [test] + arguments(Checkout.path(configuration), folder: path)
        return try await ChildProcess.running(program.path(), arguments) { process in
            (try await process.exit(), process.output.entries + process.errors.entries)
        }
    }

    private static func makeFolder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-balancer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.path(percentEncoded: false)
    }

    private var program: Requirement { self == .haproxy ? .haproxy : .nginx }
    private var isNginx: Bool { self != .haproxy }

    /// - Parameter folder: where it may write.
    private func arguments(_ file: String, folder: String) -> [String] {
        isNginx ? ["-c", file, "-e", "stderr", "-g", "daemon off; pid \(folder)/pid;"] : ["-db", "-f", file]
    }

    private func text(with changes: [String: String]) throws -> String {
        var text = try String(contentsOfFile: Checkout.path(configuration), encoding: .utf8)
        // The longest first, as one may be in another.
        for (old, new) in changes.sorted(by: { $0.key.count > $1.key.count }) {
            guard text.contains(old) else { throw HarnessError("\(configuration) has no \"\(old)\"") }
            text = text.replacing(old, with: new)
        }
        return text
    }

    /// Neither says when it is ready.
    private func waitUntil(_ process: ChildProcess, listensOn port: UInt16) async throws {
        for _ in 0..<500 {
            if let connection = LoopbackTCP.connected(to: port) {
                close(connection)
                return
            }
            guard !process.hasEnded else { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw HarnessError("\(rawValue) does not listen: \(process.errors.entries.joined(separator: "\n"))")
    }
}
