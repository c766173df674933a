import Primitives

/// Writes one STUN message: the header, then attributes in the order they are appended, then `finish`.
public struct STUNMessageBuilder {
    private var bytes: [UInt8] = []
    private let transactionID: TransactionID

    // Our choice: room for a check with long ufrags, so that building allocates once.
    private static let usualLength = 160

    public init(_ class: STUNClass, _ method: STUNMethod = .binding, transactionID: TransactionID) {
        self.transactionID = transactionID
        bytes.reserveCapacity(Self.usualLength)
        bytes.append(bigEndian: MessageType(class: `class`, method: method).rawValue)
        bytes.append(bigEndian: UInt16(0))
        bytes.append(bigEndian: STUNMessage.magicCookie)
        bytes.append(bigEndian: transactionID.high)
        bytes.append(bigEndian: transactionID.low)
    }

    /// USERNAME of a check: `receiver:sender`, ufrags of up to 256 characters whose sum fits 508 bytes.
    public mutating func append(usernameFor receiver: some Sequence<UInt8>, from sender: some Sequence<UInt8>) {
        append(.username) { bytes in
            let start = bytes.count
            bytes.append(contentsOf: receiver)
            bytes.append(UInt8(ascii: ":"))
            bytes.append(contentsOf: sender)
            precondition(bytes.count - start <= Username.maximumLength, "a STUN username is at most 508 bytes long")
        }
    }

    public mutating func append(priority: UInt32) {
        append(.priority) { $0.append(bigEndian: priority) }
    }

    public mutating func appendUseCandidate() {
        append(.useCandidate) { _ in }
    }

    public mutating func append(role: ICERole) {
        switch role {
        case .controlling(let tieBreaker): append(.iceControlling) { $0.append(bigEndian: tieBreaker) }
        case .controlled(let tieBreaker): append(.iceControlled) { $0.append(bigEndian: tieBreaker) }
        }
    }

    public mutating func append(xorMappedAddress address: TransportAddress) {
        append(.xorMappedAddress) { [transactionID] bytes in
            XORMappedAddress.append(address, transactionID, to: &bytes)
        }
    }

    public mutating func append(errorCode: STUNErrorCode) {
        append(.errorCode) { errorCode.append(to: &$0) }
    }

    public mutating func append(unknownAttributes types: AttributeTypeList) {
        append(.unknownAttributes) { bytes in
            for index in 0..<types.count {
                bytes.append(bigEndian: types[index].rawValue)
            }
        }
    }

    public mutating func append(dtlsAcknowledgement: DTLSAcknowledgement) {
        append(.dtlsAcknowledgement) { bytes in
            for value in dtlsAcknowledgement.values { bytes.append(bigEndian: value) }
        }
    }

    /// Any attribute, such as one this module does not name. At most 1024 bytes of value.
    public mutating func append(_ type: AttributeType, value: some Collection<UInt8>) {
        precondition(value.count <= 1024, "an attribute's value is at most 1024 bytes long")
        append(type) { $0.append(contentsOf: value) }
    }

    /// The message as it goes on the wire: ended by MESSAGE-INTEGRITY when there is a key, then by FINGERPRINT unless
    /// that is declined.
    public consuming func finish(integrityKey: [UInt8]? = nil, fingerprint: Bool = true) -> [UInt8] {
        if let integrityKey {
            appendIntegrity(key: integrityKey)
        }
        if fingerprint {
            appendFingerprint()
        }
        return bytes
    }

    private mutating func appendIntegrity(key: [UInt8]) {
        precondition(!key.isEmpty, "MESSAGE-INTEGRITY needs a key that is not empty")
        var integrity = [UInt8](repeating: 0, count: MessageIntegrity.valueLength)
        // RFC 8489 §14.5: the HMAC sees a length that already counts this attribute.
        storeLength(adding: MessageIntegrity.attributeLength)
        let computed = bytes.withUnsafeBytes { message in
            integrity.withUnsafeMutableBytes { MessageIntegrity.compute(message, key: key, into: $0) }
        }
        precondition(computed, "OpenSSL must offer HMAC-SHA1, which STUN is built on")
        append(.messageIntegrity) { $0.append(contentsOf: integrity) }
    }

    private mutating func appendFingerprint() {
        // RFC 8489 §14.7: as for MESSAGE-INTEGRITY, the length counts this attribute before the sum is taken.
        storeLength(adding: 4 + Fingerprint.valueLength)
        let sum = Fingerprint.value(of: bytes)
        append(.fingerprint) { $0.append(bigEndian: sum) }
    }

    private mutating func append(_ type: AttributeType, _ writeValue: (inout [UInt8]) -> Void) {
        bytes.append(bigEndian: type.rawValue)
        bytes.append(bigEndian: UInt16(0))
        let start = bytes.count
        writeValue(&bytes)
        let length = bytes.count - start
        bytes.store(bigEndian: UInt16(length), at: start - 2)
        bytes.append(contentsOf: repeatElement(0, count: -length & 3))
        storeLength(adding: 0)
    }

    private mutating func storeLength(adding more: Int) {
        let length = bytes.count - STUNMessage.headerLength + more
        precondition(length + STUNMessage.headerLength <= STUNMessage.maximumLength, "a STUN message fits 2048 bytes")
        bytes.store(bigEndian: UInt16(length), at: 2)
    }
}
