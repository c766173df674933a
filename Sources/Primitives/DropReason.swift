/// Why bytes that came in, or a message on its way, went no further. Each is counted, and its name is the metric's
/// label: a closed list, never text from the network.
public enum DropReason: UInt8, Error, CaseIterable, Sendable {
    // Demultiplexing (RFC 7983 §7)
    case datagramEmpty
    case datagramTruncated
    case datagramFromStranger
    case datagramFirstByteUnknown
    case datagramBeforeValidCheck

    // STUN (RFC 8489) and ICE (RFC 8445)
    case stunMalformed
    case stunNotARequest
    case stunFingerprintMissing
    case stunFingerprintMismatch
    case stunUsernameMissing
    case stunUsernameUnknown
    case stunIntegrityMissing
    case stunIntegrityMismatch
    case stunAttributeUnknown
    case stunRoleConflict
    case stunAttributeMissing

    // TCP (RFC 4571 framing, RFC 6544): the connection is closed too, but for the last
    case tcpFrameTooLong
    case tcpFramesEmpty
    case tcpCheckOverdue
    case tcpConnectionDisplaced
    case tcpConnectionRefused
    case tcpReaderTooSlow
    case tcpQueueFull

    // DTLS
    case dtlsRecordRejected

    // SCTP and data channels
    case sctpPacketMalformed
    /// SCTP with a message on a stream that cannot be added before the association is up; the peer sends it again.
    case sctpStreamTooEarly
    case channelProtocolUnknown
    case channelProtocolDeprecated
    case channelMessageUnknown
    case channelOpenMalformed
    case channelOpenUnexpected
    case channelParityWrong
    case channelAckUnexpected
    case channelNotOpen
    case channelLimit
    case channelClosed
    case messageTooLarge

    // Bridge
    case messageWithoutCounterpart
    case messageStale
    case messageQueueFull
    /// A limit of the session or the route did not let it through.
    case messageRateExceeded
    /// What a Godot 3 server tells of other players, which a page has no use for.
    case godot3Configuration
    case godot3HeaderMissing
    /// Another player's packet that a Godot 3 server passed on; a page would take it for the server's.
    case godot3FromOtherPlayer

    // ENet, and DTLS beneath it
    case serverDatagramTruncated
    case serverDatagramRejected
    /// Compressed, and not as the route says.
    case serverDatagramCompressed
    /// Not a record of this connection's DTLS: forged, repeated or garbage.
    case serverRecordRejected

    // The demo's impairment, which its page asks for
    case impairmentLoss
    case impairmentQueueFull

    // Gateway
    case sessionUnknown
    case sessionEnding

    /// The name as metrics and logs show it.
    public var label: String { String(describing: self) }
}

/// How often each `DropReason` occurred.
public struct DropCounters: Sendable, Equatable {
    private var counts: [UInt64]

    public init() {
        counts = Array(repeating: 0, count: DropReason.allCases.count)
    }

    public mutating func count(_ reason: DropReason, times: UInt64 = 1) {
        counts[Int(reason.rawValue)] &+= times
    }

    /// Adds all of `other`'s counts.
    public mutating func add(_ other: DropCounters) {
        for index in counts.indices {
            counts[index] &+= other.counts[index]
        }
    }

    public subscript(reason: DropReason) -> UInt64 { counts[Int(reason.rawValue)] }

    /// The reasons that occurred at all, in the enum's order.
    public var nonZero: [(reason: DropReason, count: UInt64)] {
        zip(DropReason.allCases, counts).filter { $0.1 > 0 }.map { (reason: $0.0, count: $0.1) }
    }

    public var total: UInt64 { counts.reduce(0, &+) }
}
