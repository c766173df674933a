import DTLS
import Foundation
import Testing

/// A self-signed certificate of openssl's own making, in files.
struct OpenSSLFiles {
    private let folder: URL
    let certificate: String
    let key: String
    let fingerprint: CertificateFingerprint

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "torii-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appending(path: "cert.pem").path
        key = folder.appending(path: "key.pem").path
        let request = try Child(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                "/CN=test", "-keyout", key, "-out", certificate,
            ])
        request.waitUntilExit()
        let print = try Child("/usr/bin/openssl", ["x509", "-in", certificate, "-noout", "-fingerprint", "-sha256"])
        print.waitUntilExit()
        let digits = print.output.split(separator: "=").last.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        let bytes = (digits ?? "").split(separator: ":").compactMap { UInt8($0, radix: 16) }
        fingerprint = CertificateFingerprint(algorithm: .sha256, bytes: bytes)
        try #require(bytes.count == 32)
    }

    func remove() {
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            Issue.record("\(folder.path) could not be removed: \(error)")
        }
    }
}
