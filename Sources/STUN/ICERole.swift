/// The sender's role in ICE and its tie-breaker (ICE-CONTROLLING or ICE-CONTROLLED, RFC 8445 §16.1).
public enum ICERole: Hashable, Sendable {
    case controlling(tieBreaker: UInt64)
    case controlled(tieBreaker: UInt64)
}
