// A server over plain UDP: each message of the page is one datagram, each datagram one message, unchanged, empty ones too.
//
// Left out: everything that a protocol would say. Nothing answers a connect and nothing tells an end, so the server counts
// as there unless the kernel says otherwise before it has sent anything (`Session.hearThatNobodyListens`), and as alive for
// as long as the browser is: whether it still answers is for the protocol above to find out, in the page.

import Bridge
import DequeModule
import ENet
import Primitives

/// One player's datagrams to and from a server, for profile `datagrams`.
final class DatagramConnection: ServerConnection {
    private enum State {
        case idle
        /// `connected` was not taken yet.
        case connecting
        case open
        /// Nothing more is sent or received; what came before, and `ended`, were not taken yet.
        case closed(at: Instant)
        case ended
    }

    // Our choice.
    /// Datagrams that wait for the session to take them: what it takes in one turn. A page wants the newest.
    static let waitingLimit = Session.turnLength

    var outgoing = PacketArena(keptBytes: PacketArena.keptBytesOfSession)
    private(set) var drops = DropCounters()
    private let sendLimit: Int
    private var state = State.idle
    private var waiting = Deque<UnsafeMutableRawBufferPointer>()
    private var lent: UnsafeMutableRawBufferPointer?

    /// - Parameter sendLimit: bytes of the largest datagram sent.
    init(sendLimit: Int) {
        self.sendLimit = sendLimit
    }

    deinit {
        lent?.deallocate()
        for datagram in waiting { datagram.deallocate() }
    }

    var waitingCount: Int { waiting.count }

    /// There is nobody who could refuse.
    var isAccepted: Bool { true }

    /// A datagram is no reliable packet.
    var isReliableWelcome = true

    /// Soon, when the end is still to be taken.
    var nextDeadline: Instant? {
        if case .closed(let instant) = state { return instant + 1 }
        return nil
    }

    func connect(at now: Instant) {
        guard case .idle = state else { preconditionFailure("A DatagramConnection connects once.") }
        state = .connecting
    }

    func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant) throws(DropReason) {
        switch state {
        case .idle, .closed, .ended: throw .sessionEnding
        case .connecting, .open: break
        }
        guard datagram.count <= Profile.datagramLimit else { throw .messageTooLarge }
        if waiting.count == Self.waitingLimit {
            waiting.removeFirst().deallocate()
            drops.count(.messageQueueFull)
        }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: datagram.count, alignment: 1)
        copy.copyMemory(from: datagram)
        waiting.append(copy)
    }

    func takeEvent(at now: Instant) -> ServerConnectionEvent? {
        lent?.deallocate()
        lent = nil
        if case .connecting = state {
            state = .open
            return .connected
        }
        if let datagram = waiting.popFirst() {
            lent = datagram
            return .packet(
                ReceivedPacket(channel: 0, delivery: .unsequenced, payload: UnsafeRawBufferPointer(datagram)))
        }
        guard case .closed = state else { return nil }
        state = .ended
        return .ended(.playerLeft)
    }

    func send(
        _ payload: UnsafeRawBufferPointer, channel: UInt8, delivery: Delivery, at now: Instant
    ) -> SendResult {
        switch state {
        case .idle, .closed, .ended: return .notConnected
        case .connecting, .open: break
        }
        guard payload.count <= sendLimit else { return .tooLarge }
        outgoing.append(payload)
        return .queued
    }

    /// Tells the server nothing: only its own protocol could.
    func disconnect(data: UInt32, later: Bool, at now: Instant) {
        switch state {
        case .idle, .connecting, .open: state = .closed(at: now)
        case .closed, .ended: return
        }
    }

    // No timers, and nothing is held back.
    func advance(to now: Instant) {}
    func flush(at now: Instant) {}
    func close(at now: Instant) {}
}
