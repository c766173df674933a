import Foundation

/// An authority and the certificate it made for a game server, of the `openssl` program's own making, in files.
struct ServerCertificate {
    /// What the authority's file is named as in a route.
    let authority: String
    let certificate: String
    let key: String
    /// As `pin=` wants it.
    let pin: String

    static let name = "game.example"

    /// Makes them, and removes them when `body` is done. The certificate is for `name` and for loopback's addresses.
    static func withFiles<Result>(
        key kind: [String] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        _ body: (ServerCertificate) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-dtls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
        let request = ["req", "-x509", "-nodes", "-days", "2", "-newkey"] + kind
        try await openssl(
            request + ["-subj", "/CN=Authority", "-keyout", path("ca.key"), "-out", path("ca.pem")])
        let names = "subjectAltName=DNS:\(name),IP:127.0.0.1,IP:::1"
        try await openssl(
            request + [
                "-subj", "/CN=server", "-addext", names, "-addext", "basicConstraints=critical,CA:FALSE", "-CA",
                path("ca.pem"), "-CAkey", path("ca.key"), "-keyout", path("key.pem"), "-out", path("cert.pem"),
            ])
        let print = try await openssl(["x509", "-in", path("cert.pem"), "-noout", "-fingerprint", "-sha256"])
        let pin = print.split(separator: "=").last.map { "sha256:\($0)" } ?? ""
        return try await body(
            ServerCertificate(
                authority: path("ca.pem"), certificate: path("cert.pem"), key: path("key.pem"), pin: pin))
    }

    /// Its first line.
    @discardableResult
    private static func openssl(_ arguments: [String]) async throws -> String {
        try await ChildProcess.running("openssl", arguments) { process in
            guard try await process.exit(within: .seconds(60)) == .code(0) else {
                throw HarnessError("openssl \(arguments[0]): \(process.errors.entries.joined(separator: "\n"))")
            }
            return process.output.entries.first ?? ""
        }
    }
}
