import DTLS
import Primitives
import SimulationSupport

/// DTLS connections to a game server, the handshake done.
enum Secured {
    private static let recordSize = 1392

    /// Prints what one of `count` costs.
    static func measure(_ count: Int) throws {
        // The first make what is made once.
        _ = try bytesPerConnection(10)
        let bytes = try bytesPerConnection(count)
        JoinMemory.say("DTLS to a server: \(bytes) bytes a connection")
        let limit = 4_000
        guard bytes <= limit else { throw Failure(description: "\(limit) are allowed") }
    }

    private static func bytesPerConnection(_ count: Int) throws -> Int {
        VirtualTime.set(Instant(nanoseconds: 1_000_000_000))
        var front: SecuredFront? = try SecuredFront()
        guard case .dtls(let verification, let name)? = front?.security else {
            throw Failure(description: "the server has no DTLS")
        }
        let context = try ClientContext(verification, serverName: name)
        var connections: [DTLSConnection] = []
        for number in 0..<count {
            let connection = try DTLSConnection(context: context, recordSize: recordSize)
            let address = TransportAddress(ipv4: 0xC000_0200 + UInt32(number >> 14), port: UInt16(number & 0x3FFF))
            if let front { shakeHands(connection, front, from: address) }
            guard connection.state == .established else { throw Failure(description: "it is \(connection.state)") }
            connections.append(connection)
        }
        // The server's side goes first, then ours: what the latter sets free is what it cost.
        front = nil
        let full = JoinMemory.heap
        connections.removeAll()
        return (full - JoinMemory.heap) / count
    }

    private static func shakeHands(
        _ connection: DTLSConnection, _ front: SecuredFront, from address: TransportAddress
    ) {
        let now = Instant(nanoseconds: 1_000_000_000)
        connection.start(at: now)
        while !connection.outgoing.isEmpty {
            connection.outgoing.forEach { _ = front.receive(Array($0), from: address, at: now) }
            connection.outgoing.removeAll()
            front.drain { bytes, _ in _ = bytes.withUnsafeBytes { connection.receive($0, at: now) } }
        }
    }
}
