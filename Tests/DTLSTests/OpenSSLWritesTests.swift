import Testing

@testable import DTLS

/// Where the record layer goes on from: no number and no nonce twice, or not at all.
@Suite struct OpenSSLWritesTests {
    @Test func nothingSealedIsNothingToContinue() {
        var writes = OpenSSLWrites()
        #expect(writes.continuation(for: .aes128GCM) == nil)
        Self.note(&writes, Self.record(epoch: 0, 7))
        #expect(writes.continuation(for: .aes128GCM) == nil && writes.continuation(for: .chaCha20Poly1305) == nil)
    }

    @Test func itGoesOnFromTheLastNumberAndNonce() throws {
        var writes = OpenSSLWrites()
        // CCS and Finished in one datagram, as a flight's end is.
        Self.note(&writes, Self.record(epoch: 0, 5) + Self.record(0, nonce: 0xFFFF_FFFF_FFFF_FFFE))
        Self.note(&writes, Self.record(epoch: 0, 6) + Self.record(1, nonce: 0xFFFF_FFFF_FFFF_FFFF))
        Self.note(&writes, Self.record(4, nonce: 0))
        let next = try #require(writes.continuation(for: .aes256GCM))
        #expect(next.sequenceNumber == 5 && next.explicitNonce == 1)
    }

    /// Some other way of making nonces could come to the same one again.
    @Test(arguments: [100, 102, 99, 0] as [UInt64]) func noncesOutOfOrderAreNotContinued(second: UInt64) {
        var writes = OpenSSLWrites()
        Self.note(&writes, Self.record(0, nonce: 100))
        Self.note(&writes, Self.record(1, nonce: second))
        #expect(writes.continuation(for: .aes128GCM) == nil)
        // It has none: what stands there is ciphertext.
        #expect(writes.continuation(for: .chaCha20Poly1305)?.sequenceNumber == 2)
    }

    @Test func numbersOutOfOrderAreNotContinued() {
        for (number, epoch) in [(3, 1), (2, 1), (4, 2)] as [(UInt64, UInt8)] {
            var writes = OpenSSLWrites()
            Self.note(&writes, Self.record(3, nonce: 1))
            Self.note(&writes, Self.record(epoch: epoch, number, nonce: 2))
            #expect(writes.continuation(for: .aes128GCM) == nil)
            #expect(writes.continuation(for: .chaCha20Poly1305) == nil)
        }
    }

    @Test func whatCannotBeReadIsNotContinued() {
        for bytes in [Array(Self.record(1, nonce: 2).dropLast()), [0x2E, 1, 2], Self.record(1, nonce: 2) + [0]] {
            var writes = OpenSSLWrites()
            Self.note(&writes, Self.record(0, nonce: 1))
            Self.note(&writes, bytes)
            #expect(writes.continuation(for: .aes128GCM) == nil)
        }
    }

    static func record(epoch: UInt8 = 1, _ number: UInt64, nonce: UInt64 = 0) -> [UInt8] {
        [22, 254, 253, 0, epoch] + withUnsafeBytes(of: number.bigEndian) { $0.dropFirst(2) } + [0, 30]
            + withUnsafeBytes(of: nonce.bigEndian) { Array($0) } + [UInt8](repeating: 0, count: 22)
    }

    static func note(_ writes: inout OpenSSLWrites, _ datagram: [UInt8]) {
        datagram.withUnsafeBytes { writes.note($0) }
    }
}
