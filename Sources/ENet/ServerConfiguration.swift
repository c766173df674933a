import Primitives

/// What a server accepts.
public struct ServerConfiguration: Sendable {
    /// Peers at once, 1 … 4095. A CONNECT beyond it gets no answer.
    public var maximumPeers = 64
    /// Peers at once from one IP address.
    public var maximumPeersPerAddress = 4095
    /// The most channels a peer gets, 1 … 255.
    public var channelLimit = 255
    /// Largest datagram sent, UDP payload bytes. libenet 1.3.17 sends what the client's CONNECT allows.
    public var mtu = DatagramBudget.largestMTU
    /// Largest packet sent or received, in bytes.
    public var maximumPacketSize = 256 * 1024
    /// Bytes received from one peer and not yet taken. At least 64 KiB and two packets of
    /// `maximumPacketSize` (see `WaitingData`).
    public var maximumWaitingData = 1 << 20
    /// A peer is gone when it left a reliable command unacknowledged this long and five times in a row, libenet's own
    /// rule; after 30 s, or this if it is more, it is gone in any case.
    public var acknowledgementTimeout: Milliseconds = 5000
    /// Bytes that may wait to be sent to, or acknowledged by, one peer.
    public var maximumQueuedBytes = 1 << 20
    /// Packets that may wait for one peer, whatever their size.
    public var maximumQueuedPackets = 4096

    public init() {}

    /// The most memory libenet may hold: the limits of every peer, doubled for libenet's own structures around small
    /// packets, and room for the host.
    var memoryLimit: Int {
        let perPeer = 2 * (maximumWaitingData + maximumPacketSize + maximumQueuedBytes) + 192 * maximumQueuedPackets
        return maximumPeers * (perPeer + (32 << 10)) + (256 << 10)
    }

    func checkRanges() {
        precondition((1...4095).contains(maximumPeers), "An ENet host has 1 to 4095 peers.")
        precondition((1...255).contains(channelLimit), "An ENet connection has 1 to 255 channels.")
        precondition((576...4096).contains(mtu), "An ENet MTU lies between 576 and 4096 bytes.")
        WaitingData.check(maximumWaitingData, packetSize: maximumPacketSize)
    }
}

/// One connection to a server, for as long as it lasts: a later one in the same place has another id.
public struct PeerID: Hashable, Sendable {
    let slot: Int
    let generation: UInt64
}

/// What happened on a server, in order.
public enum ServerEvent {
    /// A peer has connected, with the data word of its CONNECT.
    case connected(PeerID, data: UInt32, from: TransportAddress)
    case packet(PeerID, ReceivedPacket)
    /// The peer has ended: it or we disconnected, or it timed out (data 0). libenet does not tell which.
    case disconnected(PeerID, data: UInt32)
}

@available(*, unavailable)
extension ServerEvent: Sendable {}

/// When a disconnect takes effect.
public enum DisconnectTiming: Sendable {
    /// One unacknowledged DISCONNECT; the peer is gone at once and no event follows.
    case now
    /// Queued packets are thrown away, DISCONNECT is repeated until acknowledged.
    case soon
    /// Queued packets are delivered first.
    case later
}
