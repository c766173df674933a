import Capture
import ENet
import Primitives

/// One player's connection to its game server, whatever is spoken there: datagrams, messages and times in, datagrams
/// and events out. Driven as `ClientHost` says.
protocol ServerConnection: AnyObject {
    /// Datagrams for the server, to be sent in order and emptied.
    var outgoing: PacketArena { get set }
    /// When `advance` is next due.
    var nextDeadline: Instant? { get }
    /// The server is known to have taken the player.
    var isAccepted: Bool { get }
    /// Whether reliable packets are taken now. While they are not, `takeEvent` passes them over, and the server is made
    /// to wait with more where it can be; unreliable packets go on.
    var isReliableWelcome: Bool { get set }
    /// What was dropped after `receive` had taken it.
    var drops: DropCounters { get }
    /// How the way to the server is; nil where nothing tells.
    var leg: ServerLeg? { get }
    /// Whether datagrams are protected, so that only `tap` shows what they say.
    var isProtected: Bool { get }
    /// What was said beneath the protection since the owner last emptied it, which it does after every call that may add
    /// to it; nil while nobody wants to know.
    var tap: PacketTap? { get set }

    /// Begins; once.
    func connect(at now: Instant)
    func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant) throws(DropReason)
    func advance(to now: Instant)
    func flush(at now: Instant)
    /// The oldest event not yet taken. Ends the loan of the packet before.
    func takeEvent(at now: Instant) -> ServerConnectionEvent?
    func send(
        _ payload: UnsafeRawBufferPointer, channel: UInt8, delivery: Delivery, at now: Instant
    ) -> SendResult
    /// - Parameters:
    ///   - data: ENet's data word, which the server's application sees.
    ///   - later: first deliver what is already queued.
    func disconnect(data: UInt32, later: Bool, at now: Instant)
    /// The session is over: whatever is still to be said is in `outgoing` afterwards, and nothing more follows.
    func close(at now: Instant)
}

extension ServerConnection {
    var isProtected: Bool { false }
    var tap: PacketTap? {
        get { nil }
        set {}
    }
}

/// What happened on a connection to a game server, in order. The last is `ended`.
enum ServerConnectionEvent {
    /// The server answered; whether it took the player shows in `isAccepted`.
    case connected
    case packet(ReceivedPacket)
    case ended(EndReason)
}

@available(*, unavailable)
extension ServerConnectionEvent: Sendable {}

extension ClientHost: ServerConnection {
    /// libenet leaves unacknowledged what it cannot keep.
    var drops: DropCounters { DropCounters() }

    func takeEvent(at now: Instant) -> ServerConnectionEvent? {
        switch nextEvent(at: now) {
        case nil: nil
        case .connected: .connected
        case .packet(let packet): .packet(packet)
        case .disconnected(let data): .ended(.serverClosed(data: data))
        case .timedOut(.connecting): .ended(.serverNotThere)
        case .compressionMismatch(let mismatch): .ended(.serverCompressionDiffers(mismatch))
        case .timedOut(.connected), .closed: .ended(.serverVanished)
        }
    }

    /// ENet has no last word but its disconnect.
    func close(at now: Instant) {
        flush(at: now)
    }
}
