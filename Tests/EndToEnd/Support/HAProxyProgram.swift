import Foundation
import Glibc

/// A HAProxy of its own on loopback, with the configuration of Deploy, whose gateways are two on ports of 127.0.0.1.
struct HAProxyProgram: Sendable {
    /// `http://HOST:PORT`
    let origin: String

    /// The URL a page joins a route by.
    func join(_ route: String) -> String { "\(origin)/join/\(route)" }

    /// Runs one while `body` runs.
    ///
    /// - Parameter interval: how often gateways are asked whether they are ready, where it is not as in Deploy.
    static func running<Result: Sendable>(
        before ports: (a: UInt16, b: UInt16), interval: String? = nil, _ body: (HAProxyProgram) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-haproxy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "haproxy.cfg").path(percentEncoded: false)
        let port = try UnusedPort.tcp()
        var changes = [
            ("bind :80\n", "bind 127.0.0.1:\(port)\n"), ("192.0.2.11:8080", "127.0.0.1:\(ports.a)"),
            ("192.0.2.12:8080", "127.0.0.1:\(ports.b)"),
        ]
        if let interval { changes.append((" inter 1s ", " inter \(interval) ")) }
        try configuration(changes).write(toFile: file, atomically: true, encoding: .utf8)
        return try await ChildProcess.running(Requirement.haproxy.path(), ["-db", "-f", file]) { process in
            try await waitUntil(process, listensOn: port)
            return try await body(HAProxyProgram(origin: "http://127.0.0.1:\(port)"))
        }
    }

    /// Deploy's, with each of these texts replaced wherever it is.
    private static func configuration(_ changes: [(String, String)]) throws -> String {
        var text = try String(contentsOfFile: Checkout.path("Deploy/haproxy.cfg"), encoding: .utf8)
        for (old, new) in changes {
            guard text.contains(old) else { throw HarnessError("Deploy/haproxy.cfg has no \"\(old)\"") }
            text = text.replacing(old, with: new)
        }
        return text
    }

    /// It says nothing when it is ready.
    private static func waitUntil(_ process: ChildProcess, listensOn port: UInt16) async throws {
        for _ in 0..<500 {
            if let connection = LoopbackTCP.connected(to: port) {
                close(connection)
                return
            }
            guard !process.hasEnded else { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw HarnessError("HAProxy does not listen: \(process.errors.entries.joined(separator: "\n"))")
    }
}
