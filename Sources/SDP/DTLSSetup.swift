/// Who opens the DTLS connection (a=setup, RFC 8842 §5.1). `holdconn` is left out: it forbids a connection.
public enum DTLSSetup: String, Sendable {
    /// The sender will be the DTLS client.
    case active
    /// The sender will be the DTLS server.
    case passive
    /// The sender can be either; only an offer says so.
    case actpass

    /// What an answer may say to this offer: `preferred`, which must not be `.actpass`, where the offer leaves the
    /// choice (RFC 8842 §5.3).
    public func answer(preferring preferred: DTLSSetup) -> DTLSSetup {
        precondition(preferred != .actpass, "an answer is active or passive, never actpass")
        switch self {
        case .active: return .passive
        case .passive: return .active
        case .actpass: return preferred
        }
    }
}
