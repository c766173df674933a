import Foundation
import Glibc
import Testing

/// The HTTP side with a certificate of its own, as curl and openssl find it.
@Suite(.timeLimit(.minutes(2))) struct HTTPSTests {
    private static let flags = [
        "--route", "world=enet://127.0.0.1:7777", "--http", "127.0.0.1:0", "--udp", "127.0.0.1:0",
    ]

    /// A certificate and its key, in files of their own.
    private final class Identity: Sendable {
        let certificate: SettingsFile
        let key: SettingsFile

        init(host: String = "localhost") throws {
            certificate = try SettingsFile("", name: "certificate.pem")
            key = try SettingsFile("", name: "key.pem")
            let (status, words) = try HTTPSTests.run(
                "openssl",
                ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
                    + ["-subj", "/CN=\(host)", "-addext", "subjectAltName=DNS:\(host)"]
                    + ["-keyout", key.path, "-out", certificate.path])
            try #require(status == 0, "\(words)")
            try #require(chmod(key.path, 0o600) == 0)
        }

        var flags: [String] { ["--http-certificate", certificate.path, "--http-key", key.path] }

        /// Its fingerprint, and until when it is valid, as openssl has them.
        func names() throws -> (fingerprint: String, expiry: String) {
            let words = try HTTPSTests.run(
                "openssl",
                [
                    "x509", "-in", certificate.path, "-noout", "-fingerprint", "-sha256", "-enddate", "-dateopt",
                    "iso_8601",
                ]
            ).words
            let match = try #require(words.firstMatch(of: #/Fingerprint=(\S+)\s+notAfter=(\S+) (\S+)/#), "\(words)")
            return (String(match.1), "\(match.2)T\(match.3)")
        }

        func text(_ file: SettingsFile) throws -> String { try String(contentsOfFile: file.path, encoding: .utf8) }
    }

    /// The exit status, and what came on standard output and standard error together.
    private static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, words: String) {
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/\(program)")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, words)
    }

    /// curl's, which verifies the certificate by these.
    private static func get(
        _ path: String, _ port: String, _ authority: SettingsFile
    ) throws -> (status: Int32, words: String) {
        try run(
            "curl",
            ["-sS", "--noproxy", "*", "--max-time", "10", "--cacert", authority.path]
                + ["--resolve", "localhost:\(port):127.0.0.1", "https://localhost:\(port)\(path)"])
    }

    private static func port(of line: String) throws -> String {
        String(try #require(line.firstMatch(of: #/ http=127\.0\.0\.1:(\d+)/#)).1)
    }

    private func expectEnd(of torii: ToriiProcess) async throws {
        torii.signal(SIGINT)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
    }

    @Test func aCertificateIsServed() async throws {
        let identity = try Identity()
        let torii = try ToriiProcess(["serve"] + Self.flags + identity.flags)
        let line = try await torii.line(containing: " notice listening ")
        #expect(line.contains(" tls=on "))
        let port = try Self.port(of: line)
        #expect(try Self.get("/health/live", port, identity.certificate).words == "The gateway is running.\n")
        // Larger than a record.
        let library = try Self.get("/torii.js", port, identity.certificate).words
        #expect(library.hasSuffix("\n") && library.utf8.count > 20_000)
        // Two requests on one connection, with bodies of several records.
        let body = try SettingsFile(String(repeating: "x", count: 60_000))
        let output = ["-w", "%{http_code} %{num_connects}\n", "-o", "/dev/null"]
        let (status, words) = try Self.run(
            "curl",
            ["-sS", "--noproxy", "*", "--max-time", "10", "--cacert", identity.certificate.path]
                + ["--resolve", "localhost:\(port):127.0.0.1"]
                + ["-H", "Content-Type: application/sdp", "--data-binary", "@\(body.path)"] + output + output.suffix(2)
                + ["https://localhost:\(port)/join/world", "https://localhost:\(port)/join/world"])
        #expect(status == 0 && words == "400 1\n400 0\n", "\(words)")
        // RFC 8996
        for (version, isSpoken) in [("-tls1_3", true), ("-tls1_2", true), ("-tls1_1", false)] {
            let result = try Self.run(
                "openssl", ["s_client", "-connect", "127.0.0.1:\(port)", version, "-cipher", "ALL@SECLEVEL=0"])
            #expect((result.status == 0) == isSpoken, "\(version): \(result.words)")
        }
        let plain = try Self.run("curl", ["-sS", "--noproxy", "*", "--max-time", "10", "http://127.0.0.1:\(port)/"])
        #expect(plain.words == "Only https:// is spoken here; ask with that in the URL.\n")
        let health = try await ToriiProcess.run(["health", "--http", "127.0.0.1:\(port)", "--tls"])
        #expect(health.status == 0, "\(health.errors)")
        #expect(try await ToriiProcess.run(["health", "--http", "127.0.0.1:\(port)"]).status == 1)
        try await expectEnd(of: torii)
    }

    /// As certbot and cert-manager do it; a certificate without its key is not taken, and the old one stays.
    @Test func aNewCertificateIsTakenWhileItRuns() async throws {
        let (identity, next) = try (Identity(), Identity())
        let torii = try ToriiProcess(["serve"] + Self.flags + identity.flags)
        let port = try Self.port(of: try await torii.line(containing: " notice listening "))
        let old = try SettingsFile(identity.text(identity.certificate), name: "old.pem")
        #expect(try Self.get("/health/live", port, old).status == 0)

        try identity.certificate.replace(with: next.text(next.certificate))
        let error = try await torii.line(containing: " error configuration not reloaded")
        #expect(error.contains("is not for the key: they do not belong together"), "\(error)")
        #expect(try Self.get("/health/live", port, old).status == 0)

        try identity.key.overwrite(with: next.text(next.key))
        let renewal = try await torii.line(containing: " notice configuration ")
        let (fingerprint, expiry) = try next.names()
        #expect(
            renewal.hasSuffix(
                " configuration reloaded certificate_expires=\(expiry) certificate_sha256=\(fingerprint) files=http-certificate"
            ), "\(renewal)")
        #expect(try Self.get("/health/live", port, next.certificate).status == 0)
        #expect(try Self.get("/health/live", port, old).status != 0)

        try identity.key.overwrite(with: "no key")
        try kill(torii.commandID, SIGHUP)
        let second = try await torii.line(containing: " error configuration not reloaded")
        #expect(second.contains("has a key that is none in PEM form"), "\(second)")
        #expect(try Self.get("/health/live", port, next.certificate).status == 0)
        try await expectEnd(of: torii)
    }

    @Test func whatCannotBeUsedIsRefusedAtTheStart() async throws {
        let (identity, other) = try (Identity(), Identity())
        for (flags, words) in [
            (["--http-certificate", identity.certificate.path], "give --http-key, too"),
            (["--http-key", identity.key.path], "give --http-certificate, too"),
            (
                ["--http-certificate", identity.certificate.path, "--http-key", other.key.path],
                "they do not belong together"
            ),
            (["--http-certificate", identity.key.path, "--http-key", identity.key.path], "holds no certificate"),
            (["--http-certificate", "/nowhere", "--http-key", identity.key.path], "cannot be read"),
        ] {
            let outcome = try await ToriiProcess.run(["serve"] + Self.flags + flags)
            #expect(outcome.status == 64)
            #expect(outcome.errors.count == 1 && outcome.errors[0].contains(words), "\(outcome.errors)")
        }
        try #require(chmod(identity.key.path, 0o644) == 0)
        let open = try await ToriiProcess.run(["serve"] + Self.flags + identity.flags)
        #expect(open.status == 64 && open.errors[0].contains("is open to everybody"), "\(open.errors)")
    }
}
