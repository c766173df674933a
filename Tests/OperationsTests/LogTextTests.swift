import Glibc
import Logging
import Testing

@testable import Operations

@Suite struct LogTextTests {
    /// Some moment.
    private static let time = timespec(tv_sec: 1_795_250_788, tv_nsec: 5_999_999)

    private func line(
        _ message: String, _ fields: Logger.Metadata = [:], level: Logger.Level = .info
    ) -> String {
        LogFormat.text.line(level, message, fields, at: Self.time)
    }

    @Test func timeLevelMessageAndSortedFields() {
        #expect(
            line("listening", ["udp": "0.0.0.0:1", "http": "[::]:80"], level: .notice)
                == "2026-11-21T08:46:28.005Z notice listening http=[::]:80 udp=0.0.0.0:1")
    }

    @Test(arguments: Logger.Level.allCases) func everyLevelIsNamed(level: Logger.Level) {
        #expect(line("x", level: level) == "2026-11-21T08:46:28.005Z \(level.rawValue) x")
    }

    @Test(arguments: [
        ("", "\"\""), ("two words", "\"two words\""), (#"say "hi""#, #""say \"hi\"""#), (#"\"#, #"\\"#), ("鳥居", "鳥居"),
        ("a=b", "a=b"), ("a\tb", #"a\tb"#),
    ])
    func valuesAreQuotedWhereTheyMust(value: String, shown: String) {
        #expect(line("x", ["key": "\(value)"]).hasSuffix(" x key=\(shown)"))
    }

    @Test(arguments: [
        "\n", "\r", "\r\n", "\0", "\u{B}", "\u{C}", "\u{1B}", "\u{7F}", "\u{85}", "\u{9B}", "\u{2028}", "\u{2029}",
        "\u{202E}",
    ])
    func nothingLoggedForgesALine(separator: String) {
        let forged = "x\(separator)2026-11-21T08:46:28.005Z notice stopped"
        for line in [line(forged), line("x", ["key": "\(forged)"]), line("x", ["\(forged)": "value"])] {
            #expect(!line.unicodeScalars.contains { separator.unicodeScalars.contains($0) })
            #expect(!line.contains { $0.isNewline })
        }
        // The escape says what it was.
        #expect(line("x", ["key": "\(separator)"]).contains("key=\\"))
    }
}
