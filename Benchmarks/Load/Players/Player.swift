import ENet
import Primitives

package enum PlayerKind: String, CaseIterable {
    case native = "native players, to the server"
    case web = "web players, through the gateway"
}

/// One player and its socket.
package protocol Player: AnyObject {
    var kind: PlayerKind { get }
    /// Nil until it is known where it goes.
    var socket: PlayerSocket? { get }
    /// When `settle` is next due though nothing arrives.
    var nextDeadline: Instant? { get }
    /// Why it plays no more; nil while it does.
    var end: String? { get }
    /// Called with each message that comes back.
    var onMessage: (([UInt8]) -> Void)? { get set }

    func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant)
    /// Queues an unreliable message; it leaves with `settle`.
    func send(_ message: [UInt8], at now: Instant)
    /// Does what is due and writes out what there is to send.
    func settle(at now: Instant)
    func leave(at now: Instant)
}

/// libenet with its own settings, over a socket.
package final class NativePlayer: Player {
    package let kind = PlayerKind.native
    package let socket: PlayerSocket?
    package private(set) var end: String?
    package var onMessage: (([UInt8]) -> Void)?
    private let host: ClientHost

    package init(server: TransportAddress) throws {
        var configuration = ClientConfiguration()
        configuration.channelCount = 2
        // As libenet comes: it sends less when the round trip grows.
        configuration.disablesThrottle = false
        var random = SystemRandomNumberGenerator()
        host = ClientHost(configuration: configuration, random: &random)
        socket = try PlayerSocket(to: server)
        host.connect(at: Clock.now)
    }

    package var nextDeadline: Instant? { host.nextDeadline }

    package func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant) {
        // What libenet cannot have sent is nothing to it.
        try? host.receive(datagram, at: now)
    }

    package func send(_ message: [UInt8], at now: Instant) {
        message.withUnsafeBytes { _ = host.send($0, channel: 0, delivery: .unsequenced, at: now) }
    }

    package func settle(at now: Instant) {
        if let deadline = host.nextDeadline, deadline <= now { host.advance(to: now) }
        while let event = host.nextEvent(at: now) {
            switch event {
            case .connected: break
            case .packet(let packet): onMessage?(Array(packet.payload))
            case .disconnected, .timedOut, .compressionMismatch, .closed: end = end ?? "its connection ended: \(event)"
            }
        }
        host.flush(at: now)
        host.outgoing.forEach { socket?.send($0) }
        host.outgoing.removeAll()
    }

    package func leave(at now: Instant) {
        host.disconnect(data: 0, later: false, at: now)
    }
}
