import Primitives
import STUN
import Testing

/// RFC 5769's test vectors, and checks recorded from browsers.
@Suite struct RFC5769Tests {
    @Test func sampleRequest() throws {
        try withMessage(fixture("rfc5769-2.1-request")) { message in
            #expect(message.class == .request)
            #expect(message.method == .binding)
            #expect(message.transactionID == rfcID)
            #expect(message.username.map { Array($0.bytes) } == Array("evtj:h6vY".utf8))
            #expect(message.username?.receiverUfrag.map(Array.init) == Array("evtj".utf8))
            #expect(message.username?.senderUfrag.map(Array.init) == Array("h6vY".utf8))
            #expect(message.priority == 0x6E00_01FF)
            #expect(message.role == .controlled(tieBreaker: 0x932F_F9B1_5126_3B36))
            #expect(!message.useCandidate)
            #expect(message.notUnderstood.isEmpty)
            #expect(message.verifyFingerprint())
            #expect(message.verifyIntegrity(key: rfcKey))
            #expect(!message.verifyIntegrity(key: Array("VOkJxbRl1RmTxUk/WvJxBu".utf8)))
            #expect(!message.verifyIntegrity(key: []))
        }
    }

    @Test(arguments: [
        ("rfc5769-2.2-ipv4-response", "192.0.2.1"),
        ("rfc5769-2.3-ipv6-response", "2001:db8:1234:5678:11:2233:4455:6677"),
    ])
    func sampleResponse(name: String, address: String) throws {
        try withMessage(fixture(name)) { message in
            #expect(message.class == .success)
            #expect(message.transactionID == rfcID)
            #expect(message.xorMappedAddress == TransportAddress(literal: address, port: 32853))
            #expect(message.verifyFingerprint())
            #expect(message.verifyIntegrity(key: rfcKey))
        }
    }

    @Test func chromiumCheck() throws {
        try withMessage(fixture("chromium-check")) { message in
            #expect(message.class == .request)
            #expect(message.username?.receiverUfrag.map(Array.init) == Array("torii123".utf8))
            #expect(message.username?.senderUfrag.map(Array.init) == Array("xsyH".utf8))
            #expect(message.role == .controlling(tieBreaker: 0x631A_00F7_77E1_4FA2))
            #expect(message.priority == 0x6E00_1EFF)
            #expect(!message.useCandidate, "Chromium nominates only later against an ICE-lite agent")
            #expect(message.notUnderstood.isEmpty, "0xC057 is comprehension-optional")
            #expect(message.verifyFingerprint())
            #expect(message.verifyIntegrity(key: browserKey))
        }
    }

    @Test func firefoxCheck() throws {
        try withMessage(fixture("firefox-check")) { message in
            #expect(message.username?.receiverUfrag.map(Array.init) == Array("torii123".utf8))
            #expect(message.username?.senderUfrag.map(Array.init) == Array("5a6973f9".utf8))
            #expect(message.role == .controlling(tieBreaker: 0xFDC8_BAFC_A472_2C6C))
            #expect(message.useCandidate)
            #expect(message.verifyFingerprint())
            #expect(message.verifyIntegrity(key: browserKey))
        }
    }
}
