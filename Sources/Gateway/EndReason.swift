import ENet
import WebRTC

/// Why a session ended. `kind` is for metrics and logs, `sentence` for people.
public enum EndReason: Hashable, Sendable {
    case playerLeft
    case browserClosed
    case browserVanished
    case joinTimedOut(PeerPhase)
    case certificateMismatch
    case dtlsFailed(String)
    case sctpFailed
    case browserMessageTooLarge
    case serverNotThere
    case serverCertificateRefused(String)
    case serverDTLSFailed(String)
    case serverDTLSTimedOut
    case serverRefused
    case serverClosed(data: UInt32)
    case serverVanished
    case serverCompressionDiffers(CompressionMismatch)
    case browserTooSlow
    case serverTooSlow
    case serverMessageTooLarge(bytes: Int, limit: Int)
    case channelMissing(UInt8)
    case serverChannelMissing(UInt8)
    case gatewayExhausted
    case gatewayStopping
    /// With the operator's words for it, if there are some.
    case removedByOperator(String?)
    case internalFailure(String)

    /// The data word of ENet's DISCONNECT, where the server ended the session.
    public var serverData: UInt32? {
        if case .serverClosed(let data) = self { data } else { nil }
    }

    /// One sentence for the player's page and the operator's log.
    public var sentence: String {
        switch self {
        case .playerLeft: "The player left."
        case .browserClosed: "The browser closed the connection."
        case .browserVanished: "The browser stopped answering; the page was closed or its network is gone."
        case .joinTimedOut(let phase): Self.joinSentence(phase)
        case .certificateMismatch: "The browser's certificate is not the one its offer named."
        case .dtlsFailed(let words): "The DTLS connection to the browser failed: \(words)."
        case .sctpFailed: "The browser stopped acknowledging data."
        case .browserMessageTooLarge: "The browser sent a message larger than the answer's max-message-size."
        case .serverNotThere: "The game server did not answer; it is not running at that address, or it is full."
        case .serverCertificateRefused(let words): "The game server's certificate was refused: \(words)."
        case .serverDTLSFailed(let words): "The DTLS connection to the game server failed: \(words)."
        case .serverDTLSTimedOut:
            "The game server did not finish the DTLS handshake; it is not running at that address, or it does not speak DTLS."
        case .serverRefused: "The game server refused this player: its id is taken, or it takes no new players."
        case .serverClosed(let data): "The game server disconnected the player (data \(data))."
        case .serverVanished: "The game server stopped answering."
        case .serverCompressionDiffers(let mismatch): mismatch.sentence
        case .browserTooSlow: "The browser does not keep up with the game server's reliable messages."
        case .serverTooSlow: "The game server does not keep up with the player's reliable messages."
        case .serverMessageTooLarge(let bytes, let limit):
            "The game server sent a reliable message of \(bytes) bytes; the page can take \(limit)."
        case .channelMissing(let channel):
            "The game server sends reliable messages on ENet channel \(channel), for which the page opened no data channel."
        case .serverChannelMissing(let channel):
            "The page sends reliable messages on ENet channel \(channel), which the game server does not have."
        case .gatewayExhausted: "The gateway has no socket left for the game server; try again in a few seconds."
        case .gatewayStopping: "The gateway is stopping."
        case .removedByOperator(nil): "An operator removed the player."
        case .removedByOperator(let words?): "An operator removed the player: \(words)."
        case .internalFailure(let words): "The gateway failed: \(words)."
        }
    }

    private static func joinSentence(_ phase: PeerPhase) -> String {
        switch phase {
        case .ice: "No connectivity check arrived; the browser reaches neither the gateway's UDP port nor its TCP port."
        case .dtls: "The DTLS handshake did not finish in time."
        case .sctp, .open, .ended: "The data channels did not open in time."
        }
    }
}

extension EndReason {
    init(_ reason: PeerEndReason) {
        switch reason {
        case .closedByPeer: self = .browserClosed
        case .fingerprintMismatch: self = .certificateMismatch
        case .dtlsFailed(let words): self = .dtlsFailed(words)
        case .sctpTimedOut: self = .sctpFailed
        case .messageTooLarge: self = .browserMessageTooLarge
        case .setupFailed(let words): self = .internalFailure(words)
        case .closedHere: self = .playerLeft
        }
    }
}
