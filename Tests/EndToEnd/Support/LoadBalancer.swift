import Foundation
import Glibc

/// A load balancer of its own on loopback, with the configuration that Deploy has for it, before gateways on two ports of
/// 127.0.0.1.
enum LoadBalancer: String, Sendable, CaseIterable {
    case haproxy, nginx

    struct Running: Sendable {
        /// `http://HOST:PORT`
        let origin: String

        /// The URL a page joins a route by.
        func join(_ route: String) -> String { "\(origin)/join/\(route)" }
    }

    private var configuration: String { self == .haproxy ? "Deploy/haproxy.cfg" : "Deploy/nginx.conf" }

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
        changes["192.0.2.11:8080"] = "127.0.0.1:\(ports.a)"
        changes["192.0.2.12:8080"] = "127.0.0.1:\(ports.b)"
        switch self {
        case .haproxy: changes["bind :80\n"] = "bind 127.0.0.1:\(port)\n"
        case .nginx:
            changes["listen 80;"] = "listen 127.0.0.1:\(port);"
            changes["http {\n"] = "http {\naccess_log off; client_body_temp_path \(path)/bodies;\n"
        }
        let file = "\(path)/configuration"
        try text(with: changes).write(toFile: file, atomically: true, encoding: .utf8)
        return try await ChildProcess.running(program.path(), arguments(file, folder: path)) { process in
            try await waitUntil(process, listensOn: port)
            return try await body(Running(origin: "http://127.0.0.1:\(port)"))
        }
    }

    /// Has the program itself check Deploy's configuration; what it says.
    func check() async throws -> (exit: ChildProcess.Exit, words: [String]) {
        let path = try Self.makeFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let test = self == .haproxy ? "-c" : "-t"
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

    /// - Parameter folder: where it may write.
    private func arguments(_ file: String, folder: String) -> [String] {
        switch self {
        case .haproxy: ["-db", "-f", file]
        case .nginx: ["-c", file, "-e", "stderr", "-g", "daemon off; pid \(folder)/pid;"]
        }
    }

    private func text(with changes: [String: String]) throws -> String {
        var text = try String(contentsOfFile: Checkout.path(configuration), encoding: .utf8)
        for (old, new) in changes {
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
