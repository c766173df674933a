import CENet
import Primitives

/// How large ENet's datagrams may be on a way, so that the network does not cut them into fragments: one lost fragment
/// loses the datagram, and some networks drop all of them.
public enum DatagramBudget {
    // From RFC 791 §3.1, RFC 8200 §3 and RFC 768.
    private static let ipv4Header = 20
    private static let ipv6Header = 40
    private static let udpHeader = 8

    /// What libenet from 1.3.18 on and Godot use (older ones 1400): a record of DTLS around it still fits Ethernet.
    public static let largestMTU = 1392

    /// The smallest IP packet that holds ENet's smallest datagram whatever else it is wrapped in.
    public static let smallestLinkMTU = 704

    /// The ENet MTU, in bytes of UDP payload before what wraps it.
    ///
    /// - Parameters:
    ///   - linkMTU: bytes of the largest IP packet that goes there whole, like 1500, or 1420 through WireGuard; nil when
    ///     nobody knows.
    ///   - overhead: bytes that something beneath ENet adds to each datagram.
    public static func mtu(linkMTU: Int?, to family: TransportAddress.Family, overhead: Int = 0) -> Int {
        max(Int(ENET_PROTOCOL_MINIMUM_MTU), min(largestMTU, payload(linkMTU: linkMTU, to: family) - overhead))
    }

    /// Bytes of the largest UDP payload that goes there whole.
    public static func payload(linkMTU: Int?, to family: TransportAddress.Family) -> Int {
        // Internet paths are taken to be Ethernet's.
        (linkMTU ?? 1500) - (family == .ipv4 ? ipv4Header : ipv6Header) - udpHeader
    }
}
