/// An attribute's 16-bit type (RFC 8489 §18.3, RFC 8445 §20.1). Named are those this module understands.
public struct AttributeType: Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    // From RFC 8489
    public static let username = AttributeType(rawValue: 0x0006)
    public static let messageIntegrity = AttributeType(rawValue: 0x0008)
    public static let errorCode = AttributeType(rawValue: 0x0009)
    public static let unknownAttributes = AttributeType(rawValue: 0x000A)
    public static let xorMappedAddress = AttributeType(rawValue: 0x0020)
    public static let fingerprint = AttributeType(rawValue: 0x8028)

    // From RFC 8445
    public static let priority = AttributeType(rawValue: 0x0024)
    public static let useCandidate = AttributeType(rawValue: 0x0025)
    public static let iceControlled = AttributeType(rawValue: 0x8029)
    public static let iceControlling = AttributeType(rawValue: 0x802A)

    // From the registry, as META-DTLS-IN-STUN and META-DTLS-IN-STUN-ACKNOWLEDGEMENT (draft-hancke-webrtc-sped)
    public static let dtls = AttributeType(rawValue: 0xC070)
    public static let dtlsAcknowledgement = AttributeType(rawValue: 0xC071)

    /// Whether a receiver that does not know it must refuse the message (RFC 8489 §14).
    public var isComprehensionRequired: Bool { rawValue < 0x8000 }
}
