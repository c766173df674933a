import Foundation
import Glibc
import Logging
import Testing

@testable import Operations

@Suite struct LogJSONTests {
    private func line(_ message: String, _ fields: Logger.Metadata = [:], level: Logger.Level = .info) -> String {
        let time = timespec(tv_sec: 1_795_250_788, tv_nsec: 5_999_999)
        return LogFormat.json.line(level, message, fields, at: time)
    }

    @Test func anEntryIsOneObject() {
        #expect(
            line("playing", ["session": "0123abcd", "route": "world", "after_ms": .stringConvertible(42)])
                == #"{"time":"2026-11-21T08:46:28.005Z","level":"info","message":"playing","after_ms":42,"route":"world","session":"0123abcd"}"#
        )
    }

    /// A route may have a number for its name.
    @Test func onlyNumbersAreNumbers() {
        #expect(
            line("x", ["route": "42", "count": .stringConvertible(UInt64.max)]).hasSuffix(
                #","count":18446744073709551615,"route":"42"}"#))
    }

    @Test func whatAnObjectSaysOfItselfIsNotForged() throws {
        let line = line("x", ["time": "never", "level": "debug", "message": "y"])
        #expect(line.hasSuffix(#""message":"x","level_":"debug","message_":"y","time_":"never"}"#))
    }

    @Test(arguments: [
        "\n", "\r", "\t", "\0", "\u{B}", "\u{1B}", "\u{7F}", "\u{85}", "\u{2028}", "\u{202E}", "\u{E0001}", "\"", "\\",
        "\\\"}",
        "鳥居", "\u{1F3EF}",
    ])
    func everythingIsReadAsItWas(text: String) throws {
        let line = line(text, ["\(text)key": "\(text)"])
        #expect(
            !line.unicodeScalars.contains {
                $0.properties.generalCategory == .control || $0.properties.generalCategory == .format
            })
        #expect(!line.contains { $0.isNewline })
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(object["message"] == text)
        #expect(object["\(text)key"] == text)
    }
}
