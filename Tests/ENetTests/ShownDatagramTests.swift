import CENet
import Primitives
import Testing

@testable import ENet

@Suite struct ShownDatagramTests {
    private static let secret = Array("a secret of players, and of players a secret".utf8)
    /// With a sent time.
    private static let header: [UInt8] = [0x80, 5, 0x12, 0x34]

    private func shown(
        _ datagram: [UInt8], compression: Compression = .none, keepsPayloads: Bool = false
    ) -> ShownDatagram {
        datagram.withUnsafeBytes { ShownDatagram($0, compression: compression, keepsPayloads: keepsPayloads) }
    }

    private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    /// A command with data: its kind, what is before the length and what is behind it.
    private func command(
        _ kind: ENetProtocolCommand, before: [UInt8] = [], after: [UInt8] = [], _ data: [UInt8]
    ) -> [UInt8] {
        [UInt8(kind.rawValue) | 0x80, 3, 0, 7] + before + [0, UInt8(data.count)] + after + data
    }

    private func commands(_ data: [UInt8]) -> [UInt8] {
        let fragment = (1...16).map { UInt8($0) }
        return command(ENET_PROTOCOL_COMMAND_SEND_RELIABLE, data)
            + command(ENET_PROTOCOL_COMMAND_SEND_UNRELIABLE, before: [0, 1], data)
            + command(ENET_PROTOCOL_COMMAND_SEND_FRAGMENT, before: [0, 2], after: fragment, data)
            + command(ENET_PROTOCOL_COMMAND_SEND_UNSEQUENCED, before: [0, 3], data)
            + command(ENET_PROTOCOL_COMMAND_SEND_UNRELIABLE_FRAGMENT, before: [0, 4], after: fragment, data)
    }

    @Test func packetsAreZerosAndNumbersStay() {
        let datagram = Self.header + commands(Self.secret)
        let shown = shown(datagram)
        #expect(shown.bytes == Self.header + commands(zeros(Self.secret.count)))
        #expect(shown.isWhole && shown.compressedCount == nil)
        #expect(self.shown(datagram, keepsPayloads: true).bytes == datagram)
    }

    @Test func commandsOfTheProtocolStay() {
        let sizes = [(ENET_PROTOCOL_COMMAND_ACKNOWLEDGE, 8), (ENET_PROTOCOL_COMMAND_VERIFY_CONNECT, 44)]
        let more = [
            (ENET_PROTOCOL_COMMAND_PING, 4), (ENET_PROTOCOL_COMMAND_BANDWIDTH_LIMIT, 12),
            (ENET_PROTOCOL_COMMAND_THROTTLE_CONFIGURE, 16),
        ]
        let datagram =
            Self.header
            + (sizes + more).flatMap { kind, size in
                [UInt8(kind.rawValue)] + (1..<size).map { UInt8($0) }
            }
        #expect(shown(datagram).bytes == datagram)
        #expect(shown(datagram).isWhole)
    }

    /// A game's password, maybe.
    @Test func dataWordsAreZeros() {
        for (kind, size) in [(ENET_PROTOCOL_COMMAND_CONNECT, 48), (ENET_PROTOCOL_COMMAND_DISCONNECT, 8)] {
            let command = [UInt8(kind.rawValue)] + (1..<size).map { UInt8($0) }
            let shown = shown(Self.header + command + commands([]))
            #expect(shown.bytes == Self.header + command.dropLast(4) + zeros(4) + commands([]))
        }
    }

    @Test func whatCannotBeReadIsZeros() {
        let rests: [[UInt8]] = [[0x0F] + Self.secret, [0x86, 0, 0, 1, 0xFF, 0xFF] + Self.secret, [0x81, 9, 9]]
        for rest in rests {
            let datagram = Self.header + commands(Self.secret) + rest
            let shown = shown(datagram)
            #expect(shown.bytes == Self.header + commands(zeros(Self.secret.count)) + zeros(rest.count))
            #expect(!shown.isWhole)
            #expect(self.shown(datagram, keepsPayloads: true).bytes == datagram)
        }
        for stump in [[0x80], [0x80, 1], [0x80, 1, 2]] as [[UInt8]] {
            #expect(shown(stump).bytes == zeros(stump.count) && !shown(stump).isWhole)
        }
        #expect(shown([]).bytes.isEmpty)
        #expect(shown(Self.header).isWhole)
    }

    @Test(arguments: CompressionTests.ways) func whatWasCompressedIsShownAsItWas(way: Compression) {
        let plain = Self.header + commands(Self.secret)
        var room = plain
        let count = room.withUnsafeMutableBytes { way.shorten($0) }
        let datagram = Array(room.prefix(count))
        #expect(count < plain.count)
        let shown = shown(datagram, compression: way)
        #expect(shown.bytes == Self.header + commands(zeros(Self.secret.count)))
        #expect(shown.compressedCount == count && shown.isWhole)
        #expect(self.shown(datagram, compression: way, keepsPayloads: true).bytes == plain)
    }

    /// Compressed otherwise: there is nothing to be read behind the header.
    @Test(arguments: Compression.allCases) func whatCannotBeRestoredIsZeros(way: Compression) {
        let datagram = [0xC0, 5, 0x12, 0x34] + [UInt8](repeating: 0xA5, count: 60)
        let shown = shown(datagram, compression: way)
        #expect(shown.bytes == [0xC0, 5, 0x12, 0x34] + zeros(60))
        #expect(!shown.isWhole && shown.compressedCount == nil)
        #expect(self.shown(datagram, compression: way, keepsPayloads: true).bytes == datagram)
    }

    /// Any bytes at all: nothing traps, and what is shown once is shown as it is.
    @Test func hostileDatagramsAreRead() {
        var random = SeededRandom(seed: 9)
        for round in 0..<20_000 {
            var datagram = Self.header + commands(Array(Self.secret.prefix(round % 20)))
            for _ in 0..<(round % 4) {
                datagram[Int.random(in: 0..<datagram.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            datagram.removeLast(Int.random(in: 0...datagram.count, using: &random))
            for way in [Compression.none, .fastlz] {
                let shown = shown(datagram, compression: way)
                if shown.compressedCount == nil { #expect(shown.bytes.count == datagram.count) }
                #expect(self.shown(shown.bytes).bytes == shown.bytes)
            }
        }
    }
}
