import Glibc
import Testing

@testable import Configuration

@Suite struct SharedSecretTests {
    private static let secret = "0123456789abcdef"

    private func expectRefusal(of path: String, _ cure: String, hides text: String = "\u{0}") {
        let error = #expect(throws: ConfigurationError.self) {
            try SharedSecret(file: path, option: "--turn-secret-file")
        }
        let sentence = error?.description ?? ""
        expectSentence(sentence, begins: "--turn-secret-file \(path)", cure: cure)
        #expect(!sentence.contains(text), "\(sentence)")
    }

    @Test(arguments: ["", "\n", "\r\n", "\n\n"]) func theLineIsTheSecret(end: String) throws {
        try withTemporaryFile(Array((Self.secret + end).utf8)) { path in
            let read = try SharedSecret(file: path, option: "")
            #expect(read.bytes == Array(Self.secret.utf8))
        }
        try withTemporaryFile(Array((Self.secret + end).utf8), mode: 0o400) { path in
            let read = try SharedSecret(file: path, option: "")
            #expect(read.bytes == Array(Self.secret.utf8))
        }
    }

    @Test(arguments: [
        ("", "write coturn's static-auth-secret into it"), ("\n", "write coturn's static-auth-secret into it"),
        ("\(secret)\n\(secret)", "one line"), ("static-auth-secret \(secret)", "one line"),
        ("\(secret)\u{0}", "one line"), (String(repeating: "a", count: 4097), "one line"),
        (String(repeating: "a", count: 100_000), "name the one that holds"),
        ("0123456789abcde", "openssl rand -hex 32"),
    ])
    func whatIsNoSecretIsNamedAndNotRepeated(text: String, cure: String) throws {
        try withTemporaryFile(Array(text.utf8)) {
            expectRefusal(of: $0, cure, hides: text.isEmpty || text == "\n" ? "\u{0}" : text)
        }
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o644, 0o777] as [mode_t])
    func aFileOthersCanTouchIsRefused(mode: mode_t) throws {
        try withTemporaryFile(Array(Self.secret.utf8), mode: mode) {
            expectRefusal(of: $0, "chmod 600", hides: Self.secret)
        }
    }

    @Test func whatIsNoReadableFileIsNamed() throws {
        expectRefusal(of: "/nowhere/secret", "No such file or directory")
        try withTemporaryFolder { folder in
            expectRefusal(of: folder, "name the one that holds")
            let pipe = "\(folder)/pipe"
            try #require(mkfifo(pipe, 0o600) == 0)
            defer { unlink(pipe) }
            expectRefusal(of: pipe, "name the one that holds")
        }
    }
}
