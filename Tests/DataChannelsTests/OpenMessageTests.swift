import DataChannels
import Primitives
import SimulationSupport
import Testing

@Suite struct OpenMessageTests {
    private func parse(_ bytes: [UInt8]) -> OpenMessage? {
        bytes.withUnsafeBytes { try? OpenMessage(parsing: $0) }
    }

    private static let messages: [OpenMessage] = [true, false].flatMap { ordered in
        [ChannelReliability.Limit.none, .retransmissions(0), .retransmissions(.max), .lifetime(0), .lifetime(3_000)]
            .map { OpenMessage(reliability: .init(isOrdered: ordered, limit: $0), label: "spiel ⛩️", subprotocol: "p") }
    }

    @Test(arguments: messages) func comesBackAsItWas(message: OpenMessage) {
        #expect(parse(message.serialized()) == message)
    }

    /// RFC 8832 §5.1, byte by byte.
    @Test func liesInItsBytesAsSpecified() {
        let message = OpenMessage(
            reliability: .init(isOrdered: false, limit: .retransmissions(3)), label: "ab", subprotocol: "c")
        #expect(
            message.serialized() == [
                0x03, 0x81, 0x01, 0x00, 0, 0, 0, 3, 0, 2, 0, 1, UInt8(ascii: "a"), UInt8(ascii: "b"),
                UInt8(ascii: "c"),
            ])
    }

    @Test func everyTruncationIsMalformed() {
        let bytes = Self.messages[0].serialized()
        for length in 0..<bytes.count {
            Array(bytes.prefix(length)).withUnsafeBytes { part in
                _ = #expect(throws: DropReason.channelOpenMalformed) { try OpenMessage(parsing: part) }
            }
        }
        #expect(parse(bytes + [0]) == nil)
    }

    @Test func unknownTypesAreMalformed() {
        for type in [0x03, 0x04, 0x7F, 0x83, 0xFF] as [UInt8] {
            var bytes = Self.messages[0].serialized()
            bytes[1] = type
            #expect(parse(bytes) == nil, "channel type \(type)")
        }
        var bytes = Self.messages[0].serialized()
        bytes[0] = 0x04
        #expect(parse(bytes) == nil)
    }

    @Test func randomBytesNeverTrap() {
        var random = SeededRandom(seed: 6)
        for _ in 0..<20_000 {
            var bytes = random.bytes(Int.random(in: 0...24, using: &random))
            if !bytes.isEmpty { bytes[0] = 3 }
            _ = parse(bytes)
        }
    }
}
