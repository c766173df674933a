import CChecksum
import Testing

@testable import SCTP

@Suite struct CRC32CTests {
    /// RFC 3720 §B.4 has sums of the same polynomial.
    @Test(
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0..<32), 0x46DD_794E),
            (Array((0..<32).reversed()), 0x113F_DB5C),
        ] as [([UInt8], UInt32)])
    func knownSums(bytes: [UInt8], sum: UInt32) {
        #expect(~torii_crc32c(~0, bytes, bytes.count) == sum)
        #expect(~torii_crc32c_portable(~0, bytes, bytes.count) == sum)
    }

    /// The processor takes eight bytes at a time, from any address on.
    @Test func bothWaysAgree() {
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 * 37) }
        bytes.withUnsafeBytes { bytes in
            for start in 0..<9 {
                for count in 0...64 {
                    let part = bytes.baseAddress.map { $0 + start }
                    #expect(torii_crc32c(~0, part, count) == torii_crc32c_portable(~0, part, count))
                }
            }
        }
    }

    @Test func aFlippedBitIsSeen() {
        var packet = (0..<40).map { UInt8($0) }
        CRC32C.fill(in: &packet)
        #expect(packet.withUnsafeBytes { CRC32C.isRight(in: $0) })
        for bit in 0..<packet.count * 8 {
            var other = packet
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(!other.withUnsafeBytes { CRC32C.isRight(in: $0) })
        }
    }

    @Test func whatIsTooShortHasNone() {
        for count in 0..<12 {
            var packet = [UInt8](repeating: 1, count: count)
            CRC32C.fill(in: &packet)
            #expect(packet == [UInt8](repeating: 1, count: count))
            #expect(!packet.withUnsafeBytes { CRC32C.isRight(in: $0) })
        }
    }
}
