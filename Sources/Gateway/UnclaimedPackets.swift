import ENet

/// Reliable packets from the server on ENet channels for which the page has not opened a data channel yet.
struct UnclaimedPackets {
    struct Packet {
        let channel: UInt8
        let payload: [UInt8]
    }

    // Our choice: a game's first world state.
    static let byteLimit = 256 * 1024
    static let countLimit = 1024

    private var packets: [Packet] = []
    private(set) var bytes = 0

    var count: Int { packets.count }
    var isEmpty: Bool { packets.isEmpty }

    /// False when there is no room; nothing was kept.
    mutating func append(_ packet: ReceivedPacket) -> Bool {
        guard packets.count < Self.countLimit, bytes + packet.payload.count <= Self.byteLimit else { return false }
        packets.append(Packet(channel: packet.channel, payload: Array(packet.payload)))
        bytes += packet.payload.count
        return true
    }

    mutating func removeAll() {
        packets.removeAll()
        bytes = 0
    }

    /// Takes out, in order, the packets whose channel `isClaimed` says has a data channel now.
    mutating func take(where isClaimed: (UInt8) -> Bool) -> [Packet] {
        let taken = packets.filter { isClaimed($0.channel) }
        packets.removeAll { isClaimed($0.channel) }
        bytes = packets.reduce(0) { $0 + $1.payload.count }
        return taken
    }
}
