import Primitives
import Testing

@testable import Discovery

/// Answers that no sound name server gives.
@Suite struct DNSMessageTests {
    private static let name: [UInt8] = [4] + Array("game".utf8) + [0]

    private static func question(_ type: DNSType = .a) throws -> DNSQuestion {
        try #require(DNSQuestion("game", type, identifier: 0x1234))
    }

    private static func answer(
        flags: UInt16 = 0x8180, count: UInt16 = 1, identifier: UInt16 = 0x1234,
        question: [UInt8] = name + [0, 1, 0, 1],
        records: [UInt8]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        for word in [identifier, flags, 1, count, 0, 0] { bytes.append(bigEndian: word) }
        return bytes + question + records
    }

    /// The owner as a pointer to the question, class IN, a time to live, and the data.
    private static func record(_ type: UInt8, _ data: [UInt8], length: Int? = nil) -> [UInt8] {
        [0xC0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, UInt8(length ?? data.count)] + data
    }

    private static func parsed(_ bytes: [UInt8], _ type: DNSType = .a) throws -> DNSAnswer? {
        let question = try question(type)
        return bytes.withUnsafeBytes { DNSAnswer($0, to: question) }
    }

    @Test func whatAnswersTheQuestion() throws {
        let address = TransportAddress(ipv4: 0xCB00_7101, port: 0)
        let records = Self.record(5, [0xC0, 12]) + Self.record(1, [203, 0, 113, 1])
        #expect(try Self.parsed(Self.answer(count: 2, records: records)) == .records([.address(address)]))
        #expect(try Self.parsed(Self.answer(flags: 0x8183, records: [])) == .failed(code: 3))
        #expect(try Self.parsed(Self.answer(flags: 0x8380, records: [])) == .truncated)
    }

    @Test func whatAnswersSomethingElse() throws {
        let record = Self.record(1, [203, 0, 113, 1])
        #expect(try Self.parsed(Self.answer(identifier: 1, records: record)) == nil)
        #expect(try Self.parsed(Self.answer(flags: 0x0180, records: record)) == nil, "a question")
        let other: [UInt8] = [4] + Array("gone".utf8) + [0, 0, 1, 0, 1]
        #expect(try Self.parsed(Self.answer(question: other, records: record)) == nil)
        #expect(try Self.parsed(Self.answer(records: record), .aaaa) == nil)
    }

    @Test func whatIsCutOffIsNoAnswer() throws {
        let whole = Self.answer(records: Self.record(1, [203, 0, 113, 1]))
        for count in 0..<whole.count { #expect(try Self.parsed(Array(whole[..<count])) == nil) }
        #expect(try Self.parsed(Self.answer(records: Self.record(1, [1], length: 9))) == nil)
    }

    @Test(arguments: [1, 28, 33] as [UInt8]) func dataOfTheWrongLengthIsNoRecord(type: UInt8) throws {
        for count in [0, 1, 3, 5, 15, 17] where !(type == 33 && count > 6) {
            let data = [UInt8](repeating: 0xC0, count: count)
            #expect(try Self.parsed(Self.answer(records: Self.record(type, data))) == .records([]))
        }
    }

    /// A name that goes round in circles has no end.
    @Test func aNameThatLeadsToItselfIsNone() throws {
        let question = Self.name + [0, 33, 0, 1]
        let start = UInt8(12 + question.count + 12 + 6)
        for target in [start, start + 2, 200] {
            let data: [UInt8] = [0, 1, 0, 1, 0, 1, 0xC0, target]
            let answer = Self.answer(question: question, records: Self.record(33, data))
            #expect(try Self.parsed(answer, .srv) == .records([]))
        }
        let data: [UInt8] = [0, 1, 0, 2, 0, 3, 2] + Array("eu".utf8) + [0xC0, 12]
        let answer = Self.answer(question: question, records: Self.record(33, data))
        #expect(
            try Self.parsed(answer, .srv)
                == .records([.service(DNSService(priority: 1, weight: 2, port: 3, target: "eu.game"))]))
        let slash: [UInt8] = [0, 1, 0, 2, 0, 3, 2] + Array("e/".utf8) + [0]
        #expect(try Self.parsed(Self.answer(question: question, records: Self.record(33, slash)), .srv) == .records([]))
    }

    @Test func randomBytesAreNothing() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let rest = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8.random(in: 0 ... .max, using: &random)
            }
            _ = try Self.parsed(Self.answer(count: 50, question: Self.name + [0, 33, 0, 1], records: rest), .srv)
        }
    }

    @Test(arguments: ["", ".", "a..b", String(repeating: "a", count: 64), String(repeating: "a.", count: 128)])
    func whatIsNoNameIsNotAsked(name: String) {
        #expect(DNSQuestion(name, .a, identifier: 1) == nil)
    }

    @Test func thisHostsNameServers() {
        let text = "# hosts\nsearch example\nnameserver 192.0.2.1\nnameserver\t2001:db8::1\nnameserver x\n"
        #expect(DNSClient.parse(resolvConf: text).map(\.description) == ["192.0.2.1:53", "[2001:db8::1]:53"])
        #expect(DNSClient.parse(resolvConf: "").map(\.description) == ["127.0.0.1:53"])
    }
}
