import WebRTC

extension EndReason {
    /// An end's reason without its particulars: a closed list, whose raw names are the metric's label, the log's `reason`
    /// and the `code` a page is told.
    public enum Kind: String, CaseIterable, Sendable {
        case playerLeft = "player-left"
        case browserClosed = "browser-closed"
        case browserVanished = "browser-vanished"
        case joinTimedOutInICE = "join-timed-out-ice"
        case joinTimedOutInDTLS = "join-timed-out-dtls"
        case joinTimedOutInSCTP = "join-timed-out-sctp"
        case joinTimedOutOpen = "join-timed-out-open"
        case joinTimedOutEnded = "join-timed-out-ended"
        case certificateMismatch = "certificate-mismatch"
        case dtlsFailed = "dtls-failed"
        case sctpFailed = "sctp-failed"
        case browserMessageTooLarge = "browser-message-too-large"
        case serverNotThere = "server-not-there"
        case serverCertificateRefused = "server-certificate-refused"
        case serverDTLSFailed = "server-dtls-failed"
        case serverDTLSTimedOut = "server-dtls-timed-out"
        case serverRefused = "server-refused"
        case serverClosed = "server-closed"
        case serverVanished = "server-vanished"
        case serverCompressionDiffers = "server-compression-differs"
        case browserTooSlow = "browser-too-slow"
        case serverTooSlow = "server-too-slow"
        case serverMessageTooLarge = "server-message-too-large"
        case channelMissing = "channel-missing"
        case serverChannelMissing = "server-channel-missing"
        case gatewayExhausted = "gateway-exhausted"
        case gatewayStopping = "gateway-stopping"
        case removedByOperator = "removed-by-operator"
        case internalFailure = "internal-failure"

        fileprivate init(joinTimedOutIn phase: PeerPhase) {
            switch phase {
            case .ice: self = .joinTimedOutInICE
            case .dtls: self = .joinTimedOutInDTLS
            case .sctp: self = .joinTimedOutInSCTP
            case .open: self = .joinTimedOutOpen
            case .ended: self = .joinTimedOutEnded
            }
        }

        /// Whether it tells that nobody who plays by the rules is at the server's address.
        var isServerMissing: Bool {
            switch self {
            case .serverNotThere, .serverCertificateRefused, .serverDTLSFailed, .serverDTLSTimedOut, .serverVanished:
                true
            default: false
            }
        }
    }

    /// The name as metrics and logs show it.
    public var label: String { kind.rawValue }

    public var kind: Kind {
        switch self {
        case .playerLeft: .playerLeft
        case .browserClosed: .browserClosed
        case .browserVanished: .browserVanished
        case .joinTimedOut(let phase): Kind(joinTimedOutIn: phase)
        case .certificateMismatch: .certificateMismatch
        case .dtlsFailed: .dtlsFailed
        case .sctpFailed: .sctpFailed
        case .browserMessageTooLarge: .browserMessageTooLarge
        case .serverNotThere: .serverNotThere
        case .serverCertificateRefused: .serverCertificateRefused
        case .serverDTLSFailed: .serverDTLSFailed
        case .serverDTLSTimedOut: .serverDTLSTimedOut
        case .serverRefused: .serverRefused
        case .serverClosed: .serverClosed
        case .serverVanished: .serverVanished
        case .serverCompressionDiffers: .serverCompressionDiffers
        case .browserTooSlow: .browserTooSlow
        case .serverTooSlow: .serverTooSlow
        case .serverMessageTooLarge: .serverMessageTooLarge
        case .channelMissing: .channelMissing
        case .serverChannelMissing: .serverChannelMissing
        case .gatewayExhausted: .gatewayExhausted
        case .gatewayStopping: .gatewayStopping
        case .removedByOperator: .removedByOperator
        case .internalFailure: .internalFailure
        }
    }
}
