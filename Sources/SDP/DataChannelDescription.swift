import Primitives

/// What an offer or an answer says about its data channels: all we need to connect, and nothing else.
public struct DataChannelDescription: Equatable, Sendable {
    // From the specification
    /// RFC 8841 §5.2: the port when a=sctp-port is missing.
    public static let defaultSCTPPort: UInt16 = 5000
    /// RFC 8841 §6: bytes of the largest message when a=max-message-size is missing.
    public static let defaultMaxMessageSize = 65536

    public let credentials: ICECredentials
    /// Every usable fingerprint; the peer's certificate must match one (RFC 8122 §5).
    public let fingerprints: [DTLSFingerprint]
    public let setup: DTLSSetup
    public let sctpPort: UInt16
    /// Bytes of the largest message the sender takes; `Int.max` where it names no limit.
    public let maxMessageSize: Int
    /// The sender's SCTP INIT, where it offers or answers SNAP (draft-hancke-tsvwg-snap). Not looked into here.
    public let sctpInit: [UInt8]?
    /// Whether the sender is an ICE-lite agent.
    public let isICELite: Bool
    /// Host candidates with literal addresses, in order. Others, such as `.local` names, are passed over.
    public let candidates: [IceCandidate]
    /// Every media section, in order, so that an answer can refuse the others.
    public let media: [MediaSection]
    /// Which of `media` carries the data channels.
    public let dataIndex: Int
    /// Whether the data section stands in a BUNDLE group (RFC 8843 §7).
    public let isBundled: Bool

    /// The data section's identification, if it has one.
    public var mid: String? { media[dataIndex].mid }

    /// Reads an offer. The error is `.unusable` when the offer is sound but leads to no data channel.
    public init(offer description: SessionDescription) throws(SDPError) {
        try self.init(description, allowedSetups: [.actpass, .active, .passive])
    }

    /// Reads an answer. The error is `.unusable` when it refuses the data channels.
    public init(answer description: SessionDescription) throws(SDPError) {
        try self.init(description, allowedSetups: [.active, .passive])
    }

    private init(_ description: SessionDescription, allowedSetups: [DTLSSetup]) throws(SDPError) {
        let data = try DataSection(of: description)
        credentials = try data.credentials()
        fingerprints = try data.fingerprints()
        setup = try data.setup(allowed: allowedSetups)
        sctpPort = try data.sctpPort()
        maxMessageSize = try data.maxMessageSize()
        sctpInit = data.sctpInit()
        isICELite = description.session.attribute("ice-lite") != nil
        candidates = data.media.section.attributes("candidate").compactMap { IceCandidate($0) }
        media = description.media
        dataIndex = data.index
        isBundled = data.isBundled
    }
}
