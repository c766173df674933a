import Testing

@testable import JOSE

struct JSONTests {
    private func parse(_ text: String) -> JSON? { JSON(parsing: Array(text.utf8)) }

    @Test(
        arguments: [
            ("null", .null), (" true\n", .boolean(true)), ("[]", .array([])), ("{ }", .object([:])),
            ("-0.5e+1", .number(-5)),
            ("0", .number(0)), (#""\"\\\/\b\f\n\r\t\u0041\ud83d\uDE00é""#, .string("\"\\/\u{8}\u{C}\n\r\tA\u{1F600}é")),
            (#"{"a":[1,{"b":null}]}"#, .object(["a": .array([.number(1), .object(["b": .null])])])),
        ] as [(String, JSON)])
    func valuesAreRead(text: String, value: JSON) {
        #expect(parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "truex", "[1,]", "[,1]", "[1", "{\"a\":1,}", "{a:1}", "{\"a\"}", "{\"a\":1,\"a\":2}", "01", "-",
        "1.",
        ".5", "1e", "+1", "0x1", "1e999", "NaN", "\"", "\"\\x\"", "\"\\u12\"", "\"\\u+123\"", "\"\\ud800\"",
        "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\n\"", "[1] 2", "'a'", "// a\n1",
        // One name in two spellings.
        "{\"\u{E9}\":1,\"e\u{301}\":2}",
    ])
    func othersAreNone(text: String) {
        #expect(parse(text) == nil)
    }

    @Test func bytesMustBeUTF8() {
        #expect(JSON(parsing: [0x22, 0xC0, 0x80, 0x22]) == nil)
        #expect(JSON(parsing: [0xEF, 0xBB, 0xBF, 0x31]) == nil)
    }

    @Test func nestingHasABound() {
        let limit = JSON.depthLimit
        #expect(parse(String(repeating: "[", count: limit) + String(repeating: "]", count: limit)) != nil)
        #expect(parse(String(repeating: "[", count: limit + 1) + String(repeating: "]", count: limit + 1)) == nil)
        #expect(parse(String(repeating: "[", count: 100_000)) == nil)
    }

    @Test func wholeNumbersAreWhole() {
        #expect(parse("7")?.integer(in: 0...9) == 7)
        #expect(parse("7.0")?.integer(in: 0...9) == 7)
        for text in ["7.5", "10", "-1", "1e300", "\"7\""] { #expect(parse(text)?.integer(in: 0...9) == nil) }
    }

    @Test(arguments: ["", "Zg", "Zm8", "Zm9v", "Zm9vYg", "_-8"]) func base64URLIsRead(text: String) throws {
        let bytes = try #require(Base64URL.decode(text.utf8))
        #expect(bytes.count == text.utf8.count * 3 / 4)
    }

    @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm9vY", "Z g", "+/8", "Zg\n", "Zm9v.", "é"])
    func otherSpellingsAreNone(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }
}
