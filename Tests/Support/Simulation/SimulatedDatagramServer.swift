import Primitives

/// A server over plain UDP, in virtual time. It knows players by where their datagrams come from.
public final class SimulatedDatagramServer {
    public let address: TransportAddress
    /// Sends every datagram back as it came.
    public var echoes = true
    /// What came from each player, in order.
    public private(set) var received: [TransportAddress: [[UInt8]]] = [:]

    private var outgoing: [(bytes: [UInt8], destination: TransportAddress)] = []

    init(address: TransportAddress) {
        self.address = address
    }

    public func send(_ bytes: [UInt8], to player: TransportAddress) {
        outgoing.append((bytes, player))
    }

    func receive(_ bytes: [UInt8], from source: TransportAddress) {
        received[source, default: []].append(bytes)
        if echoes { send(bytes, to: source) }
    }

    func settle(send: ([UInt8], TransportAddress) -> Void) {
        for datagram in outgoing { send(datagram.bytes, datagram.destination) }
        outgoing.removeAll()
    }
}
