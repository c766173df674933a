import Glibc
import Testing

@testable import Configuration

@Suite struct SharedSecretTests {
    private static let secret = "0123456789abcdef"

    /// A folder that is gone again when `body` has run.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let root = getenv("TMPDIR").map { String(cString: $0) } ?? P_tmpdir
        var template = Array("\(root)/torii-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { rmdir(folder) }
        try body(folder)
    }

    /// A file with these bytes and this mode.
    private func withFile(_ text: String, mode: mode_t = 0o600, _ body: (String) throws -> Void) throws {
        try withFolder { folder in
            let path = "\(folder)/secret"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { unlink(path) }
            try #require(write(descriptor, text, text.utf8.count) == text.utf8.count)
            close(descriptor)
            try #require(chmod(path, mode) == 0)
            try body(path)
        }
    }

    private func expectRefusal(of path: String, _ cure: String, hides text: String = "\u{0}") {
        let error = #expect(throws: ConfigurationError.self) {
            try SharedSecret(file: path, option: "--turn-secret-file")
        }
        let sentence = error?.description ?? ""
        expectSentence(sentence, begins: "--turn-secret-file \(path)", cure: cure)
        #expect(!sentence.contains(text), "\(sentence)")
    }

    @Test(arguments: ["", "\n", "\r\n", "\n\n"]) func theLineIsTheSecret(end: String) throws {
        try withFile(Self.secret + end) { path in
            let read = try SharedSecret(file: path, option: "")
            #expect(read.bytes == Array(Self.secret.utf8))
        }
        try withFile(Self.secret + end, mode: 0o400) { path in
            let read = try SharedSecret(file: path, option: "")
            #expect(read.bytes == Array(Self.secret.utf8))
        }
    }

    @Test(arguments: [
        ("", "write coturn's static-auth-secret into it"), ("\n", "write coturn's static-auth-secret into it"),
        ("\(secret)\n\(secret)", "one line"), ("static-auth-secret \(secret)", "one line"),
        ("\(secret)\u{0}", "one line"), (String(repeating: "a", count: 4097), "one line"),
        (String(repeating: "a", count: 100_000), "one line"), ("0123456789abcde", "openssl rand -hex 32"),
    ])
    func whatIsNoSecretIsNamedAndNotRepeated(text: String, cure: String) throws {
        try withFile(text) { expectRefusal(of: $0, cure, hides: text.isEmpty || text == "\n" ? "\u{0}" : text) }
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o644, 0o777] as [mode_t])
    func aFileOthersCanTouchIsRefused(mode: mode_t) throws {
        try withFile(Self.secret, mode: mode) { expectRefusal(of: $0, "chmod 600", hides: Self.secret) }
    }

    @Test func whatIsNoReadableFileIsNamed() throws {
        expectRefusal(of: "/nowhere/secret", "No such file or directory")
        try withFolder { folder in
            expectRefusal(of: folder, "name the one that holds")
            let pipe = "\(folder)/pipe"
            try #require(mkfifo(pipe, 0o600) == 0)
            defer { unlink(pipe) }
            expectRefusal(of: pipe, "name the one that holds")
        }
    }
}
