import Primitives

/// SCTP payload protocol identifiers of WebRTC (RFC 8831 §8).
///
/// Left out: 52 and 54, the deprecated partial messages. No browser sends them any more, and none may (RFC 8831 §6.6).
public enum PayloadProtocol: UInt32, Sendable {
    case establishment = 50
    case string = 51
    case binary = 53
    case stringEmpty = 56
    case binaryEmpty = 57

    /// The identifier for a binary message of `count` bytes. SCTP cannot carry an empty message, so RFC 8831 §6.6
    /// sends one zero byte under an identifier of its own.
    public static func binary(count: Int) -> PayloadProtocol {
        count == 0 ? .binaryEmpty : .binary
    }

    private static let deprecated: [UInt32] = [52, 54]

    static func reading(_ identifier: UInt32) throws(DropReason) -> PayloadProtocol {
        if let known = PayloadProtocol(rawValue: identifier) { return known }
        throw deprecated.contains(identifier) ? .channelProtocolDeprecated : .channelProtocolUnknown
    }

    var isEmpty: Bool { self == .stringEmpty || self == .binaryEmpty }
    var isString: Bool { self == .string || self == .stringEmpty }
}
