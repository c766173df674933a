import Primitives
import SimulationSupport
import Testing

@testable import SCTP

@Suite struct RedactedPacketTests {
    private static let header: [UInt8] = [0x13, 0x88, 0x13, 0x89, 1, 2, 3, 4, 0, 0, 0, 0]
    private static let secret = Array("a secret of players".utf8)

    private func redacted(_ packet: [UInt8]) -> RedactedPacket {
        packet.withUnsafeBytes { RedactedPacket(of: $0) }
    }

    /// A packet of these chunks, redacted, without its header; it is as long as it was and has a right checksum.
    private func redacted(chunks: [UInt8], isWhole: Bool = true) -> [UInt8] {
        let packet = SCTPPacket.with(header: Self.header, chunks: chunks)
        let redacted = redacted(packet)
        #expect(redacted.isWhole == isWhole)
        #expect(redacted.bytes.count == packet.count)
        #expect(redacted.bytes.withUnsafeBytes { CRC32C.isRight(in: $0) })
        #expect(redacted.bytes.prefix(8) == Self.header.prefix(8))
        return Array(redacted.bytes.dropFirst(12))
    }

    private func data(protocol identifier: UInt8, flags: UInt8 = 3, _ payload: [UInt8]) -> [UInt8] {
        SCTPPacket.chunk(type: 0, flags: flags, [0, 0, 0, 9, 0, 1, 0, 5, 0, 0, 0, identifier] + payload)
    }

    private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    @Test(arguments: [51, 53, 56, 0] as [UInt8]) func userDataIsZeros(identifier: UInt8) {
        let chunks = redacted(chunks: data(protocol: identifier, Self.secret))
        #expect(chunks == data(protocol: identifier, zeros(Self.secret.count)))
    }

    @Test func interleavedUserDataIsZeros() {
        let numbers: [UInt8] = [0, 0, 0, 9, 0, 1, 0, 0, 0, 0, 0, 7, 0, 0, 0, 51]
        let chunk = { SCTPPacket.chunk(type: 64, flags: 3, numbers + $0) }
        #expect(redacted(chunks: chunk(Self.secret)) == chunk(zeros(Self.secret.count)))
    }

    private func open(label: String, protocol name: String = "") -> [UInt8] {
        [3, 0x80, 1, 0, 0, 0, 0, 4, 0, UInt8(label.utf8.count), 0, UInt8(name.utf8.count)]
            + Array(label.utf8) + Array(name.utf8)
    }

    /// What RFC 8832 says of a channel stays, and a label that is a number.
    @Test func aChannelsNameIsThePagesOwn() {
        let named = open(label: "mary", protocol: "secret")
        #expect(
            redacted(chunks: data(protocol: 50, named)) == data(protocol: 50, Array(named.prefix(12)) + zeros(10)))
        let numbered = open(label: "254", protocol: "777")
        #expect(
            redacted(chunks: data(protocol: 50, numbered))
                == data(protocol: 50, Array(numbered.prefix(15)) + zeros(3)))
        let long = open(label: "1234")
        #expect(redacted(chunks: data(protocol: 50, long)) == data(protocol: 50, Array(long.prefix(12)) + zeros(4)))
        #expect(redacted(chunks: data(protocol: 50, [2])) == data(protocol: 50, [2]))
        // An acknowledgement is one byte, a message that is neither is nobody's, and what goes on is data.
        #expect(redacted(chunks: data(protocol: 50, [2, 9])) == data(protocol: 50, [2, 0]))
        #expect(redacted(chunks: data(protocol: 50, [7, 9])) == data(protocol: 50, [0, 0]))
        #expect(
            redacted(chunks: data(protocol: 50, flags: 1, open(label: "7")))
                == data(protocol: 50, flags: 1, zeros(13)))
    }

    @Test func numbersOfTheProtocolStay() {
        let chunks = [
            SCTPPacket.chunk(type: 3, flags: 0, [0, 0, 0, 9, 0, 1, 0, 0, 0, 1, 0, 1, 0, 2, 0, 3, 0, 0, 0, 8]),
            SCTPPacket.chunk(type: 130, flags: 0, [0, 13, 0, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 4]),
            SCTPPacket.chunk(type: 192, flags: 0, [0, 0, 0, 9, 0, 1, 0, 2]),
            SCTPPacket.chunk(type: 7, flags: 0, [0, 0, 0, 9]),
            SCTPPacket.chunk(type: 11, flags: 0, []),
        ].flatMap { $0 }
        #expect(redacted(chunks: chunks) == chunks)
    }

    @Test func cookiesWordsAndUnknownsAreZeros() {
        let fixed = (1...16).map { UInt8($0) }
        func kept(_ type: UInt8, _ shown: [UInt8]) {
            let before = SCTPPacket.chunk(type: type, flags: 0, shown + Self.secret)
            let after = SCTPPacket.chunk(type: type, flags: 0, shown + zeros(Self.secret.count))
            #expect(redacted(chunks: before) == after, "chunk \(type)")
        }
        let parameter: [UInt8] = [0, UInt8(4 + Self.secret.count)]
        kept(1, fixed + [0xC0, 0, 0, 4, 0x80, 0x77] + parameter)
        kept(2, fixed + [0, 7] + parameter)
        kept(4, [0, 1] + parameter)
        kept(6, [0, 12] + parameter)
        kept(9, [0, 6] + parameter)
        kept(10, [])
        kept(130, [0, 99] + parameter)
        kept(3, [0, 0, 0, 9, 0, 1, 0, 0, 0, 0, 0, 0])
        kept(7, [0, 0, 0, 9])
        kept(14, [])
        kept(15, [0, 1, 0, 1])
        kept(128, [])
        kept(200, [])
    }

    @Test func whatCannotBeReadIsZeros() {
        let whole = data(protocol: 51, [1])
        for rest in [[0, 3, 0, 3] + Self.secret, [0, 3, 0, 200] + Self.secret, [9, 9, 9]] {
            #expect(
                redacted(chunks: whole + rest, isWhole: false)
                    == data(protocol: 51, [0]) + zeros(rest.count))
        }
        // A chunk that is shorter than its kind, and padding with something in it.
        #expect(redacted(chunks: [0, 3, 0, 8, 1, 2, 3, 4]) == [0, 3, 0, 8, 0, 0, 0, 0])
        #expect(redacted(chunks: [0, 3, 0, 17] + zeros(12) + [1, 2, 3, 4]) == [0, 3, 0, 17] + zeros(16))
        let stump = redacted(Array(Self.secret.prefix(11)))
        #expect(stump.bytes == zeros(11) && !stump.isWhole)
        #expect(redacted([]).bytes.isEmpty)
    }

    /// It may be why the packet was dropped.
    @Test(arguments: [[0, 0, 0, 0], [1, 2, 3, 4]] as [[UInt8]]) func aWrongChecksumStays(sum: [UInt8]) {
        var packet = SCTPPacket.with(header: Self.header, chunks: data(protocol: 51, Self.secret))
        packet.replaceSubrange(8..<12, with: sum)
        #expect(redacted(packet).bytes[8..<12] == sum[...])
    }

    /// Chunks of every type with lengths that lie, cut anywhere: nothing traps, and nothing of user data is left.
    @Test func hostilePacketsAreRead() {
        var random = SeededRandom(seed: 7)
        func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
        for _ in 0..<20_000 {
            var packet = Self.header
            for _ in 0..<below(4) {
                let type = UInt8.random(in: 0...255, using: &random)
                var chunk = data(protocol: 50, [UInt8](repeating: 0xA5, count: below(40)))
                chunk[0] = below(2) == 0 ? chunk[0] : type
                if below(3) == 0 { chunk[3] = UInt8.random(in: 0...255, using: &random) }
                packet += chunk
            }
            packet.removeLast(below(packet.count))
            let redacted = redacted(packet)
            #expect(redacted.bytes.count == packet.count)
            #expect(self.redacted(redacted.bytes).bytes == redacted.bytes)
        }
    }
}
