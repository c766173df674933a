import Foundation

/// A certificate of a server for tests, signed by itself, as openssl makes it.
public struct TestIdentity {
    public let certificate: String
    public let key: String

    public var pem: String { certificate + key }

    struct Failure: Error {}

    /// - Parameter name: its subjectAltName, such as `DNS:localhost` or `IP:127.0.0.1`.
    public init(name: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-identity-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (certificate, key) = (folder.appending(path: "certificate"), folder.appending(path: "key"))
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.arguments =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
            + ["-subj", "/CN=torii test", "-addext", "subjectAltName=\(name)"]
            + ["-keyout", key.path(percentEncoded: false), "-out", certificate.path(percentEncoded: false)]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        guard openssl.terminationStatus == 0 else { throw Failure() }
        self.certificate = try String(contentsOf: certificate, encoding: .utf8)
        self.key = try String(contentsOf: key, encoding: .utf8)
    }
}
