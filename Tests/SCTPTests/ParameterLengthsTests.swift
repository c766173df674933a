import SimulationSupport
import Testing

@testable import SCTP

/// Packets that usrsctp must not see, and some that it must.
@Suite struct ParameterLengthsTests {
    /// Ports, tag and checksum; nobody looks at them here.
    private let header = [UInt8](repeating: 0, count: 12)
    /// Tag, window, streams, TSN.
    private let fixed: [UInt8] = [0, 0, 0, 5, 0, 1, 0, 0, 0, 9, 0, 9, 0, 0, 0, 7]

    private func areSound(_ chunks: [UInt8]) -> Bool {
        (header + chunks).withUnsafeBytes { ParameterLengths.areSound($0) }
    }

    private func initChunk(_ parameters: [UInt8], length: Int? = nil) -> [UInt8] {
        let length = length ?? 20 + parameters.count
        return [1, 0, UInt8(length >> 8), UInt8(length & 255)] + fixed + parameters
    }

    @Test func soundOnesPass() {
        #expect(areSound([]))
        #expect(areSound(initChunk([])))
        // Forward-TSN support, then supported extensions of three bytes, padded or not.
        #expect(areSound(initChunk([0xC0, 0, 0, 4, 0x80, 8, 0, 7, 130, 192, 64, 0])))
        #expect(areSound(initChunk([0xC0, 0, 0, 4, 0x80, 8, 0, 7, 130, 192, 64])))
        #expect(areSound(initChunk([0xC0, 0, 0, 4, 0x80, 8, 0, 7, 130, 192, 64], length: 31) + [0]))
    }

    @Test func unsoundOnesDoNot() {
        // Length zero, shorter than its header, longer than the chunk.
        #expect(!areSound(initChunk([0xC0, 0, 0, 0])))
        #expect(!areSound(initChunk([0xC0, 0, 0, 3])))
        #expect(!areSound(initChunk([0xC0, 0, 0, 5])))
        // A piece of a parameter, whose length would be read from the padding.
        #expect(!areSound(initChunk([0xC0], length: 21) + [0, 0, 0]))
        // Another chunk behind, whose bytes would be read as parameters.
        #expect(!areSound(initChunk([]) + [0, 0, 0, 0]))
        #expect(!areSound([11, 0, 0, 4] + initChunk([0, 0, 0, 0])))
        // No room for what comes first.
        #expect(!areSound([1, 0, 0, 8, 0, 0, 0, 0]))
        #expect(![UInt8](repeating: 0, count: 11).withUnsafeBytes { ParameterLengths.areSound($0) })
    }

    /// What follows a chunk that usrsctp stops at does not matter; other chunks are usrsctp's own to check.
    @Test func othersAreNotLookedAt() {
        #expect(areSound([0, 3, 0, 0] + initChunk([0, 0, 0, 0])))
        #expect(areSound([130, 0, 0, 8, 0, 13, 0, 0]))
    }
}
