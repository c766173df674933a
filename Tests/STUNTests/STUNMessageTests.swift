import Primitives
import STUN
import Testing

/// What the builder writes, the parser reads.
@Suite struct STUNMessageTests {
    let key = Array("0123456789abcdefghijkl".utf8)

    @Test(arguments: [true, false])
    func bindingRequest(useCandidate: Bool) throws {
        let bytes = STUNMessageBuilder.bindingRequest(
            rfcID, to: "server", password: "0123456789abcdefghijkl", from: "client",
            role: .controlling(tieBreaker: .max), priority: 77, useCandidate: useCandidate)
        try withMessage(bytes) { message in
            #expect(message.class == .request)
            #expect(message.method == .binding)
            #expect(message.transactionID == rfcID)
            #expect(message.username?.receiverUfrag.map(Array.init) == Array("server".utf8))
            #expect(message.username?.senderUfrag.map(Array.init) == Array("client".utf8))
            #expect(message.role == .controlling(tieBreaker: .max))
            #expect(message.priority == 77)
            #expect(message.useCandidate == useCandidate)
            #expect(message.verifyFingerprint() && message.verifyIntegrity(key: key))
        }
    }

    /// The sample responses of RFC 5769, but for SOFTWARE, which we do not send.
    @Test(arguments: ["192.0.2.1", "2001:db8:1234:5678:11:2233:4455:6677"])
    func bindingSuccess(address: String) throws {
        let address = try #require(TransportAddress(literal: address, port: 32853))
        let bytes = STUNMessageBuilder.bindingSuccess(rfcID, mappedAddress: address, integrityKey: key)
        try withMessage(bytes) { message in
            #expect(message.class == .success)
            #expect(message.xorMappedAddress == address)
            #expect(message.verifyFingerprint() && message.verifyIntegrity(key: key))
        }
        let expected: [UInt8] =
            address.family == .ipv4
            ? [0, 0x20, 0, 8, 0, 1, 0xA1, 0x47, 0xE1, 0x12, 0xA6, 0x43]
            : [0, 0x20, 0, 20, 0, 2, 0xA1, 0x47, 0x01, 0x13, 0xA9, 0xFA, 0xA5, 0xD3, 0xF1, 0x79]
        #expect(Array(bytes[20..<20 + expected.count]) == expected)
    }

    @Test(arguments: [
        (STUNErrorCode.badRequest, UInt16(400)), (.unauthenticated, 401), (.unknownAttribute, 420),
        (.roleConflict, 487),
    ])
    func bindingError(error: STUNErrorCode, code: UInt16) throws {
        let unsigned = STUNMessageBuilder.bindingError(rfcID, error)
        try withMessage(unsigned) { message in
            #expect(message.class == .error)
            #expect(message.errorCode?.code == code)
            #expect(!message.hasIntegrity && message.hasFingerprint && message.verifyFingerprint())
            #expect(!message.verifyIntegrity(key: key))
        }
        #expect(isAuthentic(STUNMessageBuilder.bindingError(rfcID, error, integrityKey: key), key: key))
    }

    @Test func unknownAttributesAreListed() throws {
        let types = [0x7FFF, 0x0001, 0x0001, 0xC057].map { AttributeType(rawValue: $0) }
        var request = STUNMessageBuilder(.request, transactionID: rfcID)
        for type in types {
            request.append(type, value: [1, 2, 3])
        }
        let unknown = try withMessage(request.finish(integrityKey: key)) { message in
            #expect(message.verifyIntegrity(key: key))
            return message.notUnderstood
        }
        // Each once, and none that may be ignored.
        #expect(unknown == AttributeTypeList([types[0], types[1]]))
        let response = STUNMessageBuilder.bindingError(rfcID, .unknownAttribute, unknownAttributes: unknown)
        try withMessage(response) { message in
            #expect(message.unknownAttributes == unknown)
            #expect(message.errorCode == .unknownAttribute)
        }
    }

    @Test func unknownAttributesAreBounded() throws {
        var request = STUNMessageBuilder(.request, transactionID: rfcID)
        for type in 0..<20 {
            request.append(AttributeType(rawValue: 0x7000 + UInt16(type)), value: [])
        }
        try withMessage(request.finish()) { message in
            #expect(message.notUnderstood.count == AttributeTypeList.capacity)
            #expect(message.notUnderstood[7] == AttributeType(rawValue: 0x7007))
        }
    }

    /// RFC 8489 §14.5: what follows MESSAGE-INTEGRITY was added by someone without the password.
    @Test func attributesAfterIntegrityAreIgnored() throws {
        var signed = STUNMessageBuilder(.request, transactionID: rfcID)
        signed.append(priority: 1)
        var bytes = signed.finish(integrityKey: key, fingerprint: false)
        bytes += [0, 0x25, 0, 0]  // USE-CANDIDATE
        bytes += [0x7F, 0, 0, 0]  // unknown, comprehension-required
        bytes += [0, 0x24, 0, 1, 9, 0, 0, 0]  // PRIORITY, of a wrong length
        bytes += [0, 0x08, 0, 20] + [UInt8](repeating: 0, count: 20)  // a second MESSAGE-INTEGRITY
        bytes.store(bigEndian: UInt16(bytes.count - 20), at: 2)
        try withMessage(bytes) { message in
            #expect(!message.useCandidate)
            #expect(message.notUnderstood.isEmpty)
            #expect(message.priority == 1)
            #expect(message.verifyIntegrity(key: key), "the HMAC's length ends at MESSAGE-INTEGRITY")
            #expect(!message.hasFingerprint && !message.verifyFingerprint())
        }
    }

    @Test func firstOfTwoCounts() throws {
        var message = STUNMessageBuilder(.request, transactionID: rfcID)
        message.append(priority: 1)
        message.append(priority: 2)
        message.append(role: .controlled(tieBreaker: 1))
        message.append(role: .controlling(tieBreaker: 2))
        try withMessage(message.finish()) { message in
            #expect(message.priority == 1)
            #expect(message.role == .controlled(tieBreaker: 1))
        }
    }

    @Test func usernameWithoutColon() throws {
        var message = STUNMessageBuilder(.request, transactionID: rfcID)
        message.append(.username, value: Array("abcd".utf8))
        try withMessage(message.finish()) { message in
            #expect(message.username?.receiverUfrag == nil)
            #expect(message.username?.senderUfrag == nil)
        }
    }

    @Test(arguments: [
        (STUNClass.request, UInt8(0x00), UInt8(0x01)), (.indication, 0x00, 0x11), (.success, 0x01, 0x01),
        (.error, 0x01, 0x11),
    ])
    func classBits(class: STUNClass, first: UInt8, second: UInt8) throws {
        let bytes = STUNMessageBuilder(`class`, transactionID: rfcID).finish(fingerprint: false)
        #expect(bytes[0] == first && bytes[1] == second)
        try withMessage(bytes) { #expect($0.class == `class` && $0.method == .binding) }
    }

    /// Every one of the 2^14 message types is read as a class and a method.
    @Test func methodBits() throws {
        var bytes = STUNMessageBuilder(.request, transactionID: rfcID).finish(fingerprint: false)
        var seen: Set<UInt32> = []
        for type in UInt16(0)..<0x4000 {
            bytes.store(bigEndian: type, at: 0)
            try withMessage(bytes) { message in
                #expect(message.method.rawValue < 0x1000)
                seen.insert(UInt32(message.class.rawValue) << 16 | UInt32(message.method.rawValue))
            }
        }
        #expect(seen.count == 0x4000)
    }
}
