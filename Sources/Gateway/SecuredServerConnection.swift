import Capture
import DTLS
import ENet
import Primitives

/// ENet beneath which lies DTLS: each datagram of ENet's is one record, and each record one datagram.
///
/// First the handshake, which shows that it is the right server, then ENet's CONNECT, and at the end ENet's disconnect,
/// then close_notify. What is not a record of this connection is counted and changes nothing.
final class SecuredServerConnection: ServerConnection {
    private enum Phase {
        case idle
        case handshaking
        /// DTLS is up; ENet may still be asking.
        case carrying
        /// DTLS is over, for this reason, which is told once ENet has nothing more to tell.
        case over(EndReason)
        case ended
    }

    let enet: ClientHost
    var tap: PacketTap?
    private let dtls: DTLSConnection
    private var phase = Phase.idle
    /// The end of the patience with a server that is being joined, the handshake and ENet's CONNECT together.
    private var joinDeadline: Instant?

    init(
        context: ClientContext, configuration: ClientConfiguration, memory: HostMemory? = nil,
        random: inout some RandomNumberGenerator
    ) throws(DTLSSetupError) {
        dtls = try DTLSConnection(context: context, recordSize: configuration.mtu)
        enet = ClientHost(configuration: configuration, memory: memory, random: &random)
    }

    var outgoing: PacketArena {
        _read { yield dtls.outgoing }
        _modify { yield &dtls.outgoing }
    }

    var isProtected: Bool { true }
    var isAccepted: Bool { enet.isAccepted }
    var drops: DropCounters { enet.drops }

    var nextDeadline: Instant? {
        switch phase {
        case .idle, .over, .ended: nil
        case .handshaking: .earlier(joinDeadline, dtls.nextDeadline)
        case .carrying: .earlier(joinDeadline, enet.nextDeadline)
        }
    }

    func connect(at now: Instant) {
        guard case .idle = phase else { preconditionFailure("A SecuredServerConnection connects once.") }
        phase = .handshaking
        joinDeadline = now + enet.configuration.connectTimeout
        dtls.start(at: now)
        noteState(at: now)
    }

    func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant) throws(DropReason) {
        guard isOpen else { throw .sessionEnding }
        let reception = dtls.receive(datagram, at: now)
        noteState(at: now)
        switch reception {
        case .handshake, .closed: return
        case .rejected: throw .serverRecordRejected
        case .record: try takeRecords(at: now)
        }
        seal()
    }

    /// All of a datagram's records; the drop is the last one's.
    private func takeRecords(at now: Instant) throws(DropReason) {
        var drop: DropReason?
        while let record = dtls.nextRecord() {
            tap?.append(record, .received)
            do throws(DropReason) {
                try enet.receive(record, at: now)
            } catch {
                drop = error
            }
        }
        // The end may have come in the same datagram.
        noteState(at: now)
        if let drop { throw drop }
    }

    func advance(to now: Instant) {
        guard isOpen else { return }
        dtls.advance(to: now)
        noteState(at: now)
        if case .carrying = phase { enet.advance(to: now) }
        seal()
        guard let joinDeadline, joinDeadline <= now else { return }
        switch phase {
        case .handshaking: end(.serverDTLSTimedOut)
        case .carrying: end(.serverNotThere)
        case .idle, .over, .ended: break
        }
    }

    func flush(at now: Instant) {
        enet.flush(at: now)
        seal()
    }

    func takeEvent(at now: Instant) -> ServerConnectionEvent? {
        defer { seal() }
        if case .ended = phase { return nil }
        if let event = enet.takeEvent(at: now) {
            switch event {
            case .connected: joinDeadline = nil
            case .packet: break
            // DTLS stays up for `close`: ENet may have something left to acknowledge.
            case .ended: phase = .ended
            }
            return event
        }
        guard case .over(let reason) = phase, isReliableWelcome else { return nil }
        phase = .ended
        return .ended(reason)
    }

    func send(
        _ payload: UnsafeRawBufferPointer, channel: UInt8, delivery: Delivery, at now: Instant
    ) -> SendResult {
        enet.send(payload, channel: channel, delivery: delivery, at: now)
    }

    func disconnect(data: UInt32, later: Bool, at now: Instant) {
        guard case .handshaking = phase else { return enet.disconnect(data: data, later: later, at: now) }
        // The server's game has not heard of the player yet.
        end(.serverVanished)
    }

    func close(at now: Instant) {
        flush(at: now)
        dtls.close()
        phase = .ended
    }

    var isReliableWelcome: Bool {
        get { enet.isReliableWelcome }
        set { enet.isReliableWelcome = newValue }
    }

    private var isOpen: Bool {
        switch phase {
        case .handshaking, .carrying: true
        case .idle, .over, .ended: false
        }
    }

    /// Acts on what became of DTLS.
    private func noteState(at now: Instant) {
        guard isOpen else { return }
        switch dtls.state {
        case .handshaking: break
        case .established:
            guard case .handshaking = phase else { return }
            phase = .carrying
            enet.connect(at: now)
            seal()
        case .closed(let reason): end(EndReason(server: reason))
        }
    }

    private func end(_ reason: EndReason) {
        phase = .over(reason)
        joinDeadline = nil
    }

    /// What ENet wants to send, a record for each datagram.
    private func seal() {
        guard !enet.outgoing.isEmpty else { return }
        enet.outgoing.forEach { datagram in
            tap?.append(datagram, .sent)
            dtls.send(datagram)
        }
        enet.outgoing.removeAll()
    }
}

extension EndReason {
    /// Why DTLS to a game server is over.
    fileprivate init(server reason: DTLSConnection.CloseReason) {
        switch reason {
        case .peerClosed, .closedHere: self = .serverClosed(data: 0)
        case .fingerprintMismatch: self = .serverCertificateRefused("it is not the one that is pinned")
        case .certificateRefused(let words): self = .serverCertificateRefused(words)
        case .failed(let words): self = .serverDTLSFailed(words)
        }
    }
}
