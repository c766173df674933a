import CENet
import Primitives

/// What one connection to a game server asks for and allows.
public struct ClientConfiguration: Sendable {
    /// Channels asked for, 1 … 255. A Godot server wants 255.
    public var channelCount = 255
    /// The CONNECT command's data word, as the server's application sees it. Godot: the peer id.
    public var connectData: UInt32 = 0
    /// Largest datagram sent, UDP payload bytes, 576 … 4096. The connection uses the smaller of both sides'.
    public var mtu = DatagramBudget.largestMTU
    /// How the server compresses; nothing on the wire would tell either side.
    public var compression = Compression.none

    /// How long CONNECT is repeated before `timedOut(.connecting)`.
    public var connectTimeout: Milliseconds = 5000
    /// A CONNECT that was lost is repeated after this long, then after twice as long each time, …
    public var firstConnectWait: Milliseconds = 100
    /// … but at least this often. libenet alone would try four times in 5 s, and lose half a second with the first.
    public var longestConnectWait: Milliseconds = 500
    /// A ping follows when the server has said nothing for this long, or we have not: several times in `silenceTimeout`.
    /// libenet's own interval is 500 ms, so that a server of it is heard as often.
    public var pingInterval: Milliseconds = 2000
    /// A ping follows this long after the last acknowledgement whoever has spoken, to measure the round trip and the loss:
    /// as often as libenet judges them (ENET_PEER_PACKET_THROTTLE_INTERVAL).
    public var roundTripInterval: Milliseconds = 5_000
    /// A command that was lost is repeated after twice the wait each time, but at least this often, or as often as the
    /// round-trip time allows. libenet's own waits have no bound: half a minute after a short cut of the way.
    public var longestRetransmission: Milliseconds = 2000
    /// The connection ends when nothing at all came from the server for this long; it answers pings.
    public var silenceTimeout: Milliseconds = 8000
    /// The connection ends when a reliable command went unacknowledged this long although the server speaks.
    public var acknowledgementTimeout: Milliseconds = 30_000

    /// Largest packet sent or received, in bytes.
    public var maximumPacketSize = 256 * 1024
    /// Bytes received and not yet taken with `nextEvent`, incomplete packets included. At the limit libenet stops
    /// keeping and acknowledging data, so that the server has to wait; one packet may exceed it. At least
    /// 64 KiB and two packets of `maximumPacketSize` (see `WaitingData`).
    public var maximumWaitingData = 1 << 20
    /// Bytes of reliable packets that may wait to be sent or acknowledged.
    public var maximumQueuedReliableBytes = 4 << 20
    /// Bytes of unreliable packets that may wait to be sent.
    public var maximumQueuedUnreliableBytes = 1 << 20
    /// Packets of either kind that may wait, whatever their size.
    public var maximumQueuedPackets = 16_384

    /// Send as if the server had advertised no bandwidth. Every Godot 4 server with a channel limit advertises that
    /// limit as its bandwidth, a few bytes per second.
    public var ignoresAdvertisedBandwidth = true
    /// Ask both sides not to drop unreliable packets when the round-trip time grows (`enet_peer_throttle_configure`
    /// with no deceleration).
    public var disablesThrottle = true

    public init() {}

    /// The most memory libenet may hold for the connection: what the limits above add up to, doubled for libenet's own
    /// structures around small packets, and room for the connection itself.
    var memoryLimit: Int {
        let data = maximumWaitingData + maximumPacketSize + maximumQueuedReliableBytes + maximumQueuedUnreliableBytes
        return 2 * data + 192 * maximumQueuedPackets + (256 << 10)
    }

    func checkRanges() {
        precondition((1...255).contains(channelCount), "An ENet connection has 1 to 255 channels.")
        precondition((576...4096).contains(mtu), "An ENet MTU lies between 576 and 4096 bytes.")
        precondition(pingInterval.whole > 0, "The ENet ping interval is at least one millisecond.")
        WaitingData.check(maximumWaitingData, packetSize: maximumPacketSize)
        precondition(
            [
                connectTimeout, firstConnectWait, longestConnectWait, pingInterval, roundTripInterval,
                longestRetransmission, silenceTimeout, acknowledgementTimeout,
            ].allSatisfy {
                $0.whole < 1 << 24
            },
            "An ENet timer is shorter than four hours."
        )
    }
}

/// The smallest limit on waiting data that cannot lock up.
enum WaitingData {
    /// A sender has at most a window of data under way, but a large packet counts whole from its first fragment, and
    /// the window may touch two of them. If that much, arrived behind a gap, reached the limit, libenet would refuse
    /// the very packet that fills the gap, for ever.
    static func minimum(packetSize: Int) -> Int {
        Int(ENET_PROTOCOL_MAXIMUM_WINDOW_SIZE) + 2 * packetSize
    }

    static func check(_ limit: Int, packetSize: Int) {
        precondition(packetSize > 0, "An ENet connection must accept some data.")
        precondition(
            limit >= minimum(packetSize: packetSize),
            "ENet's maximumWaitingData is at least 64 KiB and two packets of maximumPacketSize.")
    }
}
