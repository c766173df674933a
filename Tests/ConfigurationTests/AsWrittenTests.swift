import Testing

@testable import Configuration

@Suite struct AsWrittenTests {
    @Test(arguments: ["", "world=enet://[::1]:7777", "tórii 鳥居 ⛩", String(repeating: "x", count: 100)])
    func ordinaryTextStaysAsItIs(text: String) {
        #expect(AsWritten(text).description == text)
    }

    @Test(arguments: [
        ("a\nb", "a\\nb"), ("\u{1B}[2J", "\\u{1B}[2J"), ("\0", "\\0"), ("a\u{2028}b", "a\\u{2028}b"),
        ("\u{202E}b", "\\u{202E}b"), ("\u{85}", "\\u{0085}"), ("\r\n", "\\r\\n"),
    ])
    func whatCouldForgeALineIsEscaped(text: String, shown: String) {
        #expect(AsWritten(text).description == shown)
    }

    @Test func longTextIsCut() {
        #expect(
            AsWritten(String(repeating: "x", count: 1 << 20)).description == String(repeating: "x", count: 100) + "…")
        // One character of any number of scalars.
        let accents = "e" + String(repeating: "\u{301}", count: 1 << 16)
        #expect(AsWritten(accents).description.unicodeScalars.count == 101)
    }
}
