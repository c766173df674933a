import Primitives

/// The messages of a connectivity check (RFC 8445 §7), whole.
extension STUNMessageBuilder {
    /// A check as a controlling agent sends it. `ufrag` and `password` are the receiver's; `ownUfrag` the sender's.
    public static func bindingRequest(
        _ transactionID: TransactionID, to ufrag: String, password: String, from ownUfrag: String,
        role: ICERole, priority: UInt32, useCandidate: Bool
    ) -> [UInt8] {
        var builder = STUNMessageBuilder(.request, transactionID: transactionID)
        builder.append(usernameFor: ufrag.utf8, from: ownUfrag.utf8)
        builder.append(role: role)
        builder.append(priority: priority)
        if useCandidate {
            builder.appendUseCandidate()
        }
        return builder.finish(integrityKey: Array(password.utf8))
    }

    /// The answer to a valid check: the address it came from, signed with the password it was signed with.
    /// `dtlsAcknowledgement` is for a check that embeds DTLS.
    public static func bindingSuccess(
        _ transactionID: TransactionID, mappedAddress: TransportAddress,
        dtlsAcknowledgement: DTLSAcknowledgement? = nil, integrityKey: [UInt8]
    ) -> [UInt8] {
        var builder = STUNMessageBuilder(.success, transactionID: transactionID)
        builder.append(xorMappedAddress: mappedAddress)
        if let dtlsAcknowledgement {
            builder.append(dtlsAcknowledgement: dtlsAcknowledgement)
        }
        return builder.finish(integrityKey: integrityKey)
    }

    /// A refusal. 400 and 401 go unsigned where the request's own integrity was missing or wrong
    /// (RFC 8489 §9.1.3); the others are signed. `unknownAttributes` belongs to 420.
    public static func bindingError(
        _ transactionID: TransactionID, _ errorCode: STUNErrorCode, unknownAttributes: AttributeTypeList? = nil,
        integrityKey: [UInt8]? = nil
    ) -> [UInt8] {
        var builder = STUNMessageBuilder(.error, transactionID: transactionID)
        builder.append(errorCode: errorCode)
        if let unknownAttributes {
            builder.append(unknownAttributes: unknownAttributes)
        }
        return builder.finish(integrityKey: integrityKey)
    }
}
