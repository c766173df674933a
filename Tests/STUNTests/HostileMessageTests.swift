import Primitives
import STUN
import Testing

/// Bytes nobody honest sends. Whatever they are, reading them ends in a message or in `.stunMalformed`.
@Suite struct HostileMessageTests {
    static let authentic = [
        ("rfc5769-2.1-request", rfcKey), ("rfc5769-2.2-ipv4-response", rfcKey),
        ("rfc5769-2.3-ipv6-response", rfcKey), ("chromium-check", browserKey), ("firefox-check", browserKey),
    ]

    @Test(arguments: authentic)
    func truncatedAtEveryByte(name: String, key: [UInt8]) throws {
        let bytes = try fixture(name)
        for length in 0..<bytes.count {
            #expect(isMalformed(Array(bytes[..<length])), "\(length) bytes of \(bytes.count)")
        }
        #expect(isAuthentic(bytes, key: key))
    }

    /// Truncation with the length field mended: only a cut between attributes is still a message, and none of these
    /// is authentic.
    @Test(arguments: authentic)
    func cutShortWithMatchingLength(name: String, key: [UInt8]) throws {
        let bytes = try fixture(name)
        for length in 20..<bytes.count {
            var cut = Array(bytes[..<length])
            cut.store(bigEndian: UInt16(length - 20), at: 2)
            #expect(!isAuthentic(cut, key: key), "\(length) bytes of \(bytes.count)")
        }
    }

    @Test(arguments: authentic)
    func everySingleBitFlipped(name: String, key: [UInt8]) throws {
        let bytes = try fixture(name)
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            #expect(!isAuthentic(flipped, key: key), "bit \(bit % 8) of byte \(bit / 8)")
        }
    }

    /// A flipped bit before MESSAGE-INTEGRITY must break the HMAC itself, not just the CRC that anyone can mend.
    @Test func integrityCoversWhatPrecedesIt() throws {
        let bytes = try fixture("rfc5769-2.1-request")
        let integrityStart = bytes.count - 8 - 24
        for bit in 0..<(integrityStart + 24) * 8 where !(2..<4).contains(bit / 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            let verified = flipped.withUnsafeBytes { raw in
                (try? STUNMessage(parsing: raw))?.verifyIntegrity(key: rfcKey) ?? false
            }
            #expect(!verified, "bit \(bit % 8) of byte \(bit / 8)")
        }
    }

    @Test func noise() {
        var generator = SeededGenerator(state: 8489)
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 20...120, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            // A right header, so that the attributes are reached.
            bytes.removeLast(bytes.count % 4)
            bytes.replaceSubrange(0..<8, with: [0x00, 0x01, 0x00, UInt8(bytes.count - 20), 0x21, 0x12, 0xA4, 0x42])
            if Bool.random(using: &generator), bytes.count > 24 {
                bytes[20] = [0x00, 0x80].randomElement(using: &generator) ?? 0
                bytes[21] = UInt8.random(in: 0...0x2B, using: &generator)
                bytes[22] = 0
                bytes[23] = UInt8.random(in: 0...24, using: &generator)
            }
            #expect(!isAuthentic(bytes, key: rfcKey))
        }
    }

    @Test func wrongHeader() throws {
        let bytes = try fixture("rfc5769-2.1-request")
        var changed = bytes
        changed[0] = 0x40
        #expect(isMalformed(changed), "the two top bits must be zero")
        changed = bytes
        changed[4] = 0x20
        #expect(isMalformed(changed), "the cookie must be right")
        let plain = STUNMessageBuilder(.request, transactionID: rfcID).finish(fingerprint: false)
        #expect(!isMalformed(plain))
        #expect(isMalformed(plain + [0x80, 0x22, 0, 0]), "the length must be the datagram's")
        changed = bytes + [0]
        changed.store(bigEndian: UInt16(bytes.count - 20 + 1), at: 2)
        #expect(isMalformed(changed), "the length must be a multiple of four")
    }

    @Test func largestAndLarger() {
        var message = STUNMessageBuilder(.request, transactionID: rfcID)
        message.append(AttributeType(rawValue: 0x8022), value: [UInt8](repeating: 7, count: 1000))
        message.append(AttributeType(rawValue: 0x8022), value: [UInt8](repeating: 7, count: 1020))
        let largest = message.finish(fingerprint: false)
        #expect(largest.count == STUNMessage.maximumLength)
        #expect(!isMalformed(largest))
        var larger = largest + [0x80, 0x22, 0, 0]
        larger.store(bigEndian: UInt16(larger.count - 20), at: 2)
        #expect(isMalformed(larger))
    }

    @Test(arguments: [
        (0x0024, 0), (0x0024, 3), (0x0024, 8), (0x0025, 4), (0x8029, 4), (0x802A, 12), (0x0020, 4), (0x0020, 12),
        (0x0009, 3), (0x000A, 3), (0x0008, 16), (0x0008, 32), (0x8028, 8), (0x0006, 509),
    ])
    func wrongLengthOfAttribute(type: UInt16, length: Int) {
        var message = STUNMessageBuilder(.request, transactionID: rfcID)
        message.append(AttributeType(rawValue: type), value: [UInt8](repeating: 1, count: length))
        #expect(isMalformed(message.finish(fingerprint: false)))
    }

    @Test func unknownFamilyOfAddress() {
        var message = STUNMessageBuilder(.success, transactionID: rfcID)
        message.append(.xorMappedAddress, value: [0, 3, 1, 2, 1, 2, 3, 4])
        #expect(isMalformed(message.finish()))
    }

    @Test(arguments: [[0, 0, 2, 0], [0, 0, 7, 0], [0, 0, 4, 100]])
    func errorCodeOutOfRange(value: [UInt8]) {
        var message = STUNMessageBuilder(.error, transactionID: rfcID)
        message.append(.errorCode, value: value)
        #expect(isMalformed(message.finish()))
    }

    @Test func fingerprintMustBeLast() throws {
        var bytes = try fixture("rfc5769-2.1-request") + [0x80, 0x22, 0, 0]
        bytes.store(bigEndian: UInt16(bytes.count - 20), at: 2)
        #expect(isMalformed(bytes))
    }
}
