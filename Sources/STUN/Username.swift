import Primitives

/// The USERNAME of a connectivity check: the receiver's ufrag, a colon, the sender's ufrag (RFC 8445 §7.2.2).
///
/// It borrows the message's bytes.
public struct Username {
    // From RFC 8489 §14.3: fewer than 509 bytes.
    static let maximumLength = 508

    public let bytes: UnsafeRawBufferPointer

    init(_ value: UnsafeRawBufferPointer) throws(DropReason) {
        guard value.count <= Self.maximumLength else { throw .stunMalformed }
        bytes = value
    }

    /// The half before the first colon: the ufrag of the agent that receives the check. Nil without a colon.
    public var receiverUfrag: UnsafeRawBufferPointer? {
        guard let colon else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[..<colon])
    }

    /// The half after the first colon: the ufrag of the agent that sent the check. Nil without a colon.
    public var senderUfrag: UnsafeRawBufferPointer? {
        guard let colon else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[(colon + 1)...])
    }

    private var colon: Int? { bytes.firstIndex(of: UInt8(ascii: ":")) }
}
