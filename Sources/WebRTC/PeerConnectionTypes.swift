import DTLS
import DataChannels
import Primitives
import SCTP

/// What a peer connection needs to know of the other side, from its offer, and of ours, from our answer.
public struct PeerParameters: Sendable {
    public let localUfrag: String
    public let localPassword: String
    /// The peer's certificate matches one of these or the connection ends.
    public let fingerprints: [CertificateFingerprint]
    public let role: DTLSConnection.Role
    public let localPort: UInt16
    public let remotePort: UInt16
    /// Bytes of the largest message the peer takes.
    public let remoteMaximumMessageSize: Int
    /// Bytes of the largest message we take: a larger one ends the connection.
    public let localMaximumMessageSize: Int
    /// SCTP streams offered each way.
    public let streamCount: UInt16
    /// Data channels at once.
    public let channelLimit: Int
    /// The peer's SCTP INIT, if its offer has one (SNAP).
    public let remoteInit: InitChunk?

    public init(
        localUfrag: String, localPassword: String, fingerprints: [CertificateFingerprint],
        role: DTLSConnection.Role, localPort: UInt16, remotePort: UInt16, remoteMaximumMessageSize: Int,
        localMaximumMessageSize: Int, streamCount: UInt16 = SCTPStack.streamLimit, channelLimit: Int? = nil,
        remoteInit: InitChunk? = nil
    ) {
        self.localUfrag = localUfrag
        self.localPassword = localPassword
        self.fingerprints = fingerprints
        self.role = role
        self.localPort = localPort
        self.remotePort = remotePort
        self.remoteMaximumMessageSize = remoteMaximumMessageSize
        self.localMaximumMessageSize = localMaximumMessageSize
        self.streamCount = streamCount
        self.channelLimit = channelLimit ?? Int(streamCount)
        self.remoteInit = remoteInit
    }
}

/// How far a peer connection has come.
public enum PeerPhase: String, Sendable, CaseIterable {
    /// No valid connectivity check has arrived yet.
    case ice
    /// DTLS is being set up.
    case dtls
    /// SCTP is being set up.
    case sctp
    /// Messages flow.
    case open
    case ended
}

public enum PeerEvent {
    /// SCTP is up: messages may be sent on any stream below both counts.
    case opened(inboundStreams: UInt16, outboundStreams: UInt16)
    case channelOpened(DataChannelTable.Channel)
    case channelClosed(DataChannelTable.Channel)
    /// A user message, and when it or one sent after it first arrived (see `SCTPMessage.dueAt`). The payload is valid
    /// until the next call on any peer connection.
    case message(
        stream: UInt16, isUnordered: Bool, isString: Bool, dueAt: Instant?, payload: UnsafeRawBufferPointer)
    /// A message or packet of no use.
    case dropped(DropReason)
    case ended(PeerEndReason)
}

/// Why a peer connection ended.
public enum PeerEndReason: Hashable, Sendable {
    /// The browser closed the connection: ABORT, SHUTDOWN or close_notify.
    case closedByPeer
    /// The browser's certificate is not the one its offer promised.
    case fingerprintMismatch
    /// The DTLS handshake or connection failed, in OpenSSL's words.
    case dtlsFailed(String)
    /// SCTP retransmissions were used up.
    case sctpTimedOut
    /// The browser sent a message larger than our answer allowed.
    case messageTooLarge
    /// A C library refused what only a bug or a lack of memory makes it refuse.
    case setupFailed(String)
    case closedHere
}
