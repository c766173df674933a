import Foundation
import Glibc
import Testing

/// A coturn of its own, on loopback or in the current network namespace, which knows no users but those whose
/// credentials come from the secret.
struct TurnServer: Sendable {
    static let secret = "of the tests 0123456789".replacing(" ", with: "-")

    let process: ChildProcess
    /// `HOST:PORT`
    let address: String
    /// A file with the secret, as `--turn-secret-file` wants it.
    let secretFile: String

    /// Options that tell a gateway of it over UDP and TCP.
    func options(_ transports: [String]) -> [String] {
        transports.flatMap { ["--turn", "turn:\(address)?transport=\($0)"] } + ["--turn-secret-file", secretFile]
    }

    private static func settings(port: UInt16) -> String {
        """
        listening-port=\(port)
        use-auth-secret
        static-auth-secret=\(secret)
        realm=torii.test
        no-tls
        no-dtls
        no-cli
        \(NetworkNamespace.current == nil ? "allow-loopback-peers" : "")
        """
    }

    /// Runs one while `body` runs.
    ///
    /// - Parameters:
    ///   - settings: what its configuration says besides where it listens; the port is 3478 then.
    ///   - port: where it listens, over UDP and TCP; nil for one that nobody has.
    @discardableResult
    static func running<Result: Sendable>(
        _ settings: String? = nil, port: UInt16? = nil, _ body: (TurnServer) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-coturn-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path(percentEncoded: false)
        let secretFile = "\(path)/secret"
        guard
            FileManager.default.createFile(
                atPath: secretFile, contents: Data("\(secret)\n".utf8), attributes: [.posixPermissions: 0o600])
        else { throw HarnessError("cannot write \(secretFile)") }

        let host = NetworkNamespace.current?.address ?? "127.0.0.1"
        let port = try port ?? (NetworkNamespace.current == nil ? UnusedPort.udpAndTCP() : 3478)
        let configuration = """
            \(settings ?? Self.settings(port: port))
            listening-ip=\(host)
            relay-ip=\(host)
            log-file=stdout
            simple-log
            verbose
            pidfile=\(path)/pid
            userdb=\(path)/users

            """
        try configuration.write(toFile: "\(path)/turnserver.conf", atomically: true, encoding: .utf8)
        // Line by line, though its output is no terminal.
        let arguments = ["--output=L", Requirement.coturn.rawValue, "-c", "\(path)/turnserver.conf"]
        return try await ChildProcess.running("stdbuf", arguments) { process in
            try await listening(process)
            let shown = NetworkNamespace.current?.host ?? host
            do {
                return try await body(TurnServer(process: process, address: "\(shown):\(port)", secretFile: secretFile))
            } catch {
                let lines = process.output.entries.suffix(15).map { "    \($0)" }
                throw HarnessError("\(error)\n  coturn's last lines:\n\(lines.joined(separator: "\n"))")
            }
        }
    }

    /// Waits until both its ports are open. While it cannot have the one for TCP, its UDP port is open, as its log says,
    /// and nothing that arrives there is answered: its threads wait for each other.
    private static func listening(_ process: ChildProcess) async throws {
        for transport in ["TCP", "UDP"] {
            let line = try await process.output.first("coturn's \(transport) listener") {
                $0.contains("\(transport) listener opened on") || $0.contains("Cannot bind")
            }
            guard !line.contains("Cannot bind") else { throw HarnessError("coturn does not listen: \(line)") }
        }
    }

    /// A credential as the gateway would make it, of any secret and for any time, computed by openssl.
    static func credential(expiry: Int, secret: String) async throws -> (username: String, password: String) {
        let username = "\(expiry):00c0ffee"
        let script = #"printf %s "$1" | openssl dgst -sha1 -hmac "$2" -binary | openssl base64"#
        return try await ChildProcess.running("sh", ["-c", script, "sh", username, secret]) { process in
            guard try await process.exit() == .code(0), let password = process.output.entries.first else {
                throw HarnessError("openssl: \(process.errors.entries.joined(separator: "; "))")
            }
            return (username, password)
        }
    }
}
