import Foundation
import Glibc

/// `openssl s_server -HTTP`: sends files as they are over TLS, then close_notify, on a port of 127.0.0.1.
final class OpenSSLFileServer {
    let port: UInt16
    private let folder: URL
    private let process = Process()

    struct Failure: Error {}

    /// - Parameters:
    ///   - identity: a certificate with its key, in PEM form.
    ///   - files: whole responses, by their names.
    init(_ identity: String, files: [String: String]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "torii-openssl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        for (name, text) in files.merging(["identity.pem": identity], uniquingKeysWith: { first, _ in first }) {
            try text.write(to: folder.appending(path: name), atomically: false, encoding: .utf8)
        }
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = [
            "s_server", "-HTTP", "-accept", "127.0.0.1:0", "-cert", "identity.pem", "-key", "identity.pem",
        ]
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        // It says which port it took: ACCEPT 127.0.0.1:PORT.
        var text = ""
        while true {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure() }
            text += String(decoding: more, as: UTF8.self)
            guard let match = text.firstMatch(of: #/ACCEPT 127\.0\.0\.1:([0-9]+)\n/#) else { continue }
            guard let port = UInt16(match.1) else { throw Failure() }
            self.port = port
            break
        }
    }

    deinit {
        // Not terminate(): threads of the test runner block SIGTERM, and children inherit that.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}
