import Primitives

/// How datagrams get to a route's server: what its sockets are asked for. Nil leaves it to the operating system.
public struct ServerPath: Hashable, Sendable {
    /// The address they are sent from; its port is 0.
    public var source: TransportAddress?
    /// The network interface they leave through, whatever the routing table says (`SO_BINDTODEVICE`).
    public var interface: String?
    /// The differentiated services code point in their IP headers, 0 … 63 (RFC 2474 §3).
    public var codePoint: UInt8?
    /// Bytes of the kernel's buffers, each way.
    public var sendBuffer: Int?
    public var receiveBuffer: Int?
    /// Bytes of the largest IP packet that goes there whole; nil where the kernel is to say.
    public var linkMTU: Int?

    public init() {}
}
