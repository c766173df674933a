import SimulationSupport
import Testing

@testable import SCTP

/// INIT as offer and answer carry it (draft-hancke-tsvwg-snap), and what is made of it.
@Suite struct InitChunkTests {
    /// The example of draft-hancke-tsvwg-snap: a=sctp-init:AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLA
    private let example: [UInt8] = [
        1, 0, 0, 30, 0x89, 0x6C, 0xDD, 0x1D, 0, 0x50, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xE0, 0x79, 0x65, 0x1D, 0xC0, 0, 0,
        4, 0x80, 8, 0, 6, 0x82, 0xC0,
    ]

    private func edited(_ edit: (inout [UInt8]) -> Void) -> InitChunk? {
        var bytes = example
        edit(&bytes)
        return InitChunk(parsing: bytes)
    }

    /// The example with other parameters.
    private func with(parameters: [UInt8]) -> InitChunk? {
        let bytes = Array(example.prefix(20)) + parameters
        return InitChunk(parsing: [1, 0, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes.dropFirst(4))
    }

    @Test func theExampleOfTheDraft() throws {
        let chunk = try #require(InitChunk(parsing: example))
        #expect(
            chunk
                == InitChunk(
                    initiateTag: 0x896C_DD1D, window: 0x50_0000, outboundStreams: 65_535, inboundStreams: 65_535,
                    initialTSN: 0xE079_651D,
                    extensions: SupportedExtensions(partialReliability: true, streamReconfiguration: true)))
        #expect(chunk.serialized() == example)
    }

    @Test func everyRoundTrip() {
        for bits in 0..<4 {
            let chunk = InitChunk(
                initiateTag: 1, window: 1500, outboundStreams: 1, inboundStreams: 2, initialTSN: 0,
                extensions: SupportedExtensions(
                    partialReliability: bits & 1 != 0, streamReconfiguration: bits & 2 != 0))
            #expect(InitChunk(parsing: chunk.serialized()) == chunk)
        }
    }

    /// No beginning of a chunk is one; with the length it would have, only where a parameter ends.
    @Test func truncationAtEveryByte() {
        for count in 0..<example.count {
            #expect(InitChunk(parsing: Array(example.prefix(count))) == nil)
            guard count >= 4 else { continue }
            var shorter = Array(example.prefix(count))
            shorter[3] = UInt8(count)
            #expect((InitChunk(parsing: shorter) != nil) == [20, 24].contains(count))
        }
    }

    @Test func paddingMayBeThere() {
        #expect(edited { $0 += [0] } != nil)
        #expect(edited { $0 += [0, 0] } != nil)
        #expect(edited { $0 += [0, 0, 0] } == nil)
    }

    @Test func fixedPartsThatAreRefused() {
        #expect(edited { $0[0] = 2 } == nil)
        #expect(edited { $0[3] = 31 } == nil)
        #expect(edited { $0[3] = 3 } == nil)
        #expect(edited { $0.replaceSubrange(4..<8, with: [0, 0, 0, 0]) } == nil)
        // A window of 1499 bytes.
        #expect(edited { $0.replaceSubrange(8..<12, with: [0, 0, 5, 0xDB]) } == nil)
        #expect(edited { $0.replaceSubrange(8..<12, with: [0, 0, 5, 0xDC]) } != nil)
        #expect(edited { $0.replaceSubrange(12..<14, with: [0, 0]) } == nil)
        #expect(edited { $0.replaceSubrange(14..<16, with: [0, 0]) } == nil)
        // RFC 9260 §3.3.2: flags are ignored.
        #expect(edited { $0[1] = 0xFF } == InitChunk(parsing: example))
    }

    @Test func parametersThatAreRefused() {
        // Length zero, shorter than the header, longer than the chunk; a piece of one.
        for parameters: [UInt8] in [[0xC0, 0, 0, 0], [0xC0, 0, 0, 3], [0xC0, 0, 0, 5], [0xC0], [0xC0, 0, 0]] {
            #expect(with(parameters: parameters) == nil)
        }
        // A host name.
        #expect(with(parameters: [0, 11, 0, 8, 97, 0, 0, 0]) == nil)
        let long = [UInt8](repeating: 0, count: InitChunk.maximumLength)
        #expect(with(parameters: [0xC0, 1, 1, 0xE8] + long.prefix(484)) != nil)
        #expect(with(parameters: [0xC0, 1, 1, 0xEC] + long.prefix(488)) != nil)
        #expect(with(parameters: [0xC0, 1, 1, 0xF0] + long.prefix(492)) == nil)
    }

    @Test func parametersThatArePassedOver() throws {
        // An address, address types, a cookie's life, ASCONF and AUTH among the extensions; then what counts.
        let chunk = with(
            parameters: [
                0, 5, 0, 8, 10, 0, 0, 1, 0, 12, 0, 6, 0, 5, 0, 0, 0, 9, 0, 8, 0, 0, 0, 1, 0x80, 8, 0, 7, 15, 0xC1, 130,
                0, 0xC0, 0, 0, 4,
            ])
        #expect(chunk?.extensions == SupportedExtensions(partialReliability: true, streamReconfiguration: true))
    }

    /// RFC 9260 §3.2.1: one that is not known ends the reading if its highest bit is 0, and is skipped if it is 1.
    @Test func unknownParameters() {
        let none = SupportedExtensions(partialReliability: false, streamReconfiguration: false)
        let some = SupportedExtensions(partialReliability: true, streamReconfiguration: false)
        for (type, expected): (UInt8, _) in [(0x00, none), (0x40, none), (0x80, some), (0xC0, some)] {
            #expect(with(parameters: [type, 0x77, 0, 4, 0xC0, 0, 0, 4])?.extensions == expected)
        }
    }

    @Test func acknowledgement() throws {
        let chunk = try #require(InitChunk(parsing: example))
        let bytes = chunk.acknowledgement(cookie: [1, 2, 3])
        #expect(Array(bytes[..<4]) == [2, 0, 0, 38])
        #expect(bytes[4..<20] == example[4..<20])
        #expect(Array(bytes[20..<28]) == [0, 7, 0, 7, 1, 2, 3, 0])
        #expect(Array(bytes[28...]) == Array(example[20...]) + [0, 0])
    }

    @Test func packetsHaveTheirChecksum() {
        let packet = PacketHeader(sourcePort: 5000, destinationPort: 1024, verificationTag: 7)
            .packet(CookieAckChunk.serialized)
        #expect(Array(packet[..<8]) == [0x13, 0x88, 4, 0, 0, 0, 0, 7])
        #expect(packet == SCTPPacket.withChecksum(packet))
    }
}
