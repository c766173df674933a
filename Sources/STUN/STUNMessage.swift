// STUN (RFC 8489) as ICE uses it (RFC 8445 §7, §16.1).
//
// Left out: long-term credentials (REALM, NONCE, PASSWORD-ALGORITHMS, USERHASH), MESSAGE-INTEGRITY-SHA256,
// MAPPED-ADDRESS, ALTERNATE-SERVER, SOFTWARE, and the client's retransmissions. ICE uses none of them in a check but
// the last, and an ICE-lite agent sends no checks.

import Primitives

/// A STUN message read from a datagram: a view that borrows the datagram's bytes and allocates nothing.
///
/// Reading checks form only. Whether the sender knew the password is for `verifyIntegrity(key:)` to say.
public struct STUNMessage {
    // From the specification (RFC 8489 §5)
    static let magicCookie: UInt32 = 0x2112_A442
    static let headerLength = 20

    // Our choice: above what any check needs, embedded DTLS included, and small enough to copy on the stack.
    public static let maximumLength = 2048

    public let bytes: UnsafeRawBufferPointer
    public let `class`: STUNClass
    public let method: STUNMethod
    public let transactionID: TransactionID

    public private(set) var username: Username?
    /// PRIORITY: what a peer-reflexive candidate learned from this check would have.
    public private(set) var priority: UInt32?
    /// USE-CANDIDATE: the controlling agent nominates the pair.
    public private(set) var useCandidate = false
    public private(set) var role: ICERole?
    /// The DTLS datagram that came along (draft-hancke-webrtc-sped); empty from a sender that has none to send.
    public private(set) var dtls: UnsafeRawBufferPointer?
    /// Whether the sender acknowledges DTLS inside STUN, and so wants its own acknowledged.
    public private(set) var hasDTLSAcknowledgement = false
    public private(set) var xorMappedAddress: TransportAddress?
    public private(set) var errorCode: STUNErrorCode?
    /// UNKNOWN-ATTRIBUTES: what the sender of a 420 response did not understand, its first eight.
    public private(set) var unknownAttributes: AttributeTypeList?
    /// The comprehension-required attributes of this message that we do not understand, the first eight: a request
    /// that has any is answered with 420, a response is dropped (RFC 8489 §6.3).
    public private(set) var notUnderstood = AttributeTypeList()

    private var integrityOffset: Int?
    private var fingerprintOffset: Int?

    /// Reads the message that fills `bytes`. Throws `.stunMalformed` when it is none or breaks its own form.
    public init(parsing bytes: UnsafeRawBufferPointer) throws(DropReason) {
        guard bytes.count >= Self.headerLength, bytes.count <= Self.maximumLength else { throw .stunMalformed }
        var reader = ByteReader(bytes)
        // RFC 8489 §6.3: two zero bits, the cookie, and a length that is sensible.
        guard let type = reader.readUInt16().flatMap(MessageType.init(rawValue:)),
            let length = reader.readUInt16(), length % 4 == 0, Int(length) == bytes.count - Self.headerLength,
            reader.readUInt32() == Self.magicCookie,
            let transactionID = TransactionID(&reader)
        else { throw .stunMalformed }
        self.bytes = bytes
        self.class = type.class
        self.method = type.method
        self.transactionID = transactionID
        try readAttributes(AttributeReader(reader))
    }

    public var hasIntegrity: Bool { integrityOffset != nil }
    public var hasFingerprint: Bool { fingerprintOffset != nil }

    /// Whether FINGERPRINT is there and right.
    public func verifyFingerprint() -> Bool {
        guard let fingerprintOffset else { return false }
        var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[(fingerprintOffset + 4)...]))
        return reader.readUInt32() == Fingerprint.value(of: bytes[..<fingerprintOffset])
    }

    /// Whether MESSAGE-INTEGRITY is there and was made with `key`: the password's bytes in the short-term mechanism
    /// (RFC 8489 §9.1.1). An empty key never verifies.
    public func verifyIntegrity(key: [UInt8]) -> Bool {
        guard let integrityOffset else { return false }
        return MessageIntegrity.verify(bytes, attributeAt: integrityOffset, key: key)
    }

    private mutating func readAttributes(_ attributes: AttributeReader) throws(DropReason) {
        var attributes = attributes
        while !attributes.isAtEnd {
            let attribute = try attributes.next()
            if attribute.type == .fingerprint {
                // RFC 8489 §14.7: FINGERPRINT is the last attribute.
                guard attribute.value.count == Fingerprint.valueLength, attributes.isAtEnd else {
                    throw .stunMalformed
                }
                fingerprintOffset = attribute.offset
            } else if integrityOffset == nil {
                try take(attribute)
            }
            // RFC 8489 §14.5: any other attribute after MESSAGE-INTEGRITY is ignored; nobody vouches for it.
        }
    }

    private mutating func take(_ attribute: Attribute) throws(DropReason) {
        let value = attribute.value
        switch attribute.type {
        case .username:
            try Self.keepFirst(Username(value), in: &username)
        case .priority:
            try Self.keepFirst(value.exactUInt32(), in: &priority)
        case .useCandidate:
            guard value.isEmpty else { throw .stunMalformed }
            useCandidate = true
        case .iceControlling:
            try Self.keepFirst(.controlling(tieBreaker: value.exactUInt64()), in: &role)
        case .iceControlled:
            try Self.keepFirst(.controlled(tieBreaker: value.exactUInt64()), in: &role)
        case .xorMappedAddress:
            try Self.keepFirst(XORMappedAddress.read(value, transactionID), in: &xorMappedAddress)
        case .errorCode:
            try Self.keepFirst(STUNErrorCode(value), in: &errorCode)
        case .unknownAttributes:
            try Self.keepFirst(AttributeTypeList(unknownAttributes: value), in: &unknownAttributes)
        case .dtls:
            dtls = dtls ?? value
        case .dtlsAcknowledgement:
            hasDTLSAcknowledgement = true
        case .messageIntegrity:
            guard value.count == MessageIntegrity.valueLength else { throw .stunMalformed }
            integrityOffset = attribute.offset
        default:
            if attribute.type.isComprehensionRequired {
                notUnderstood.append(attribute.type)
            }
        }
    }

    /// RFC 8489 §14: of attributes that come twice, the first counts.
    private static func keepFirst<Value>(_ value: Value, in slot: inout Value?) {
        slot = slot ?? value
    }
}
