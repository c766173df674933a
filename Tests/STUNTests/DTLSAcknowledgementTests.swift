import Primitives
import Testing

@testable import STUN

/// DTLS inside STUN (draft-hancke-webrtc-sped): 0xC070 is read, 0xC071 is written.
@Suite struct DTLSAcknowledgementTests {
    private let id = TransactionID(high: 1, low: 2)
    private let key = Array("password".utf8)

    @Test func datagramsAreNamedByTheirCRC() {
        var acknowledgement = DTLSAcknowledgement()
        #expect(acknowledgement.values.isEmpty)
        // The check value of this CRC.
        acknowledgement.note(Array("123456789".utf8))
        #expect(acknowledgement.values == [0xCBF4_3926])
    }

    /// draft-hancke-webrtc-sped: four at most, each once.
    @Test func fourAreKept() {
        var acknowledgement = DTLSAcknowledgement()
        for byte in [1, 2, 2, 1, 3, 4] as [UInt8] { acknowledgement.note([byte]) }
        let four = acknowledgement.values
        #expect(four.count == DTLSAcknowledgement.capacity)
        acknowledgement.note([5])
        #expect(acknowledgement.values.count == DTLSAcknowledgement.capacity)
        #expect(acknowledgement.values.dropLast() == four.dropFirst())
    }

    @Test func aCheckHasItsDatagram() throws {
        for value in [[], [22, 254, 253, 7], [UInt8](repeating: 22, count: 900)] as [[UInt8]] {
            var builder = STUNMessageBuilder(.request, transactionID: id)
            builder.append(.dtls, value: value)
            builder.append(.dtlsAcknowledgement, value: [1, 2, 3, 4])
            // Of two the first counts (RFC 8489 §14).
            builder.append(.dtls, value: [99])
            let bytes = builder.finish(integrityKey: key)
            try bytes.withUnsafeBytes {
                let message = try STUNMessage(parsing: $0)
                #expect(message.dtls.map(Array.init) == value)
                #expect(message.hasDTLSAcknowledgement)
                #expect(message.notUnderstood.isEmpty)
            }
        }
    }

    /// Nobody vouches for what stands behind MESSAGE-INTEGRITY (RFC 8489 §14.5).
    @Test func behindTheIntegrityItIsIgnored() throws {
        let signed = STUNMessageBuilder(.request, transactionID: id).finish(integrityKey: key, fingerprint: false)
        let extra: [UInt8] = [0xC0, 0x70, 0, 4, 22, 254, 253, 0, 0xC0, 0x71, 0, 0]
        var bytes = signed + extra
        bytes.store(bigEndian: UInt16(bytes.count - 20), at: 2)
        try bytes.withUnsafeBytes {
            let message = try STUNMessage(parsing: $0)
            #expect(message.dtls == nil && !message.hasDTLSAcknowledgement && message.verifyIntegrity(key: key))
        }
    }

    /// In a response it stands before MESSAGE-INTEGRITY, and makes it no longer than the shortest check.
    @Test func aResponseCarriesIt() throws {
        var acknowledgement = DTLSAcknowledgement()
        for byte in 1...4 as ClosedRange<UInt8> { acknowledgement.note([byte]) }
        let address = TransportAddress(ipv6: 1, 2, port: 3)
        let bytes = STUNMessageBuilder.bindingSuccess(
            id, mappedAddress: address, dtlsAcknowledgement: acknowledgement, integrityKey: key)
        let plain = STUNMessageBuilder.bindingSuccess(id, mappedAddress: address, integrityKey: key)
        #expect(bytes.count == plain.count + 20)
        try bytes.withUnsafeBytes {
            let message = try STUNMessage(parsing: $0)
            #expect(message.hasDTLSAcknowledgement && message.verifyIntegrity(key: key) && message.verifyFingerprint())
        }
        let first = acknowledgement.values[0]
        #expect(Array(bytes[44..<50]) == [0xC0, 0x71, 0, 16, UInt8(first >> 24), UInt8(first >> 16 & 255)])
    }
}
