/// What a datagram on the shared port is, by its first byte (RFC 7983 §7, RFC 9443 §3).
///
/// Left out: ZRTP, TURN channels, RTP and RTCP and QUIC, none of which this port speaks.
public enum DatagramKind: Equatable, Sendable {
    case stun
    case dtls
    case unknown

    @inlinable
    public init(firstByte: UInt8) {
        switch firstByte {
        case 0...3: self = .stun
        case 20...63: self = .dtls
        default: self = .unknown
        }
    }
}
