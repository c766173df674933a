/// Packets on their way out, each with where it goes, in order.
public struct AddressedPackets<Destination: Sendable>: Sendable {
    public private(set) var packets = PacketArena()
    public private(set) var destinations: [Destination] = []

    public init() {}

    public var isEmpty: Bool { packets.isEmpty }
    public var count: Int { packets.count }

    public mutating func append(_ packet: UnsafeRawBufferPointer, to destination: Destination) {
        packets.append(packet)
        destinations.append(destination)
    }

    public mutating func append(_ packet: [UInt8], to destination: Destination) {
        packet.withUnsafeBytes { append($0, to: destination) }
    }

    /// Moves all of `source`'s packets here, for one destination.
    public mutating func take(_ source: inout PacketArena, to destination: Destination) {
        guard !source.isEmpty else { return }
        source.forEach { append($0, to: destination) }
        source.removeAll()
    }

    /// Calls `body` with each packet, oldest first.
    public func forEach(_ body: (UnsafeRawBufferPointer, Destination) -> Void) {
        var index = 0
        packets.forEach { packet in
            body(packet, destinations[index])
            index += 1
        }
    }

    /// Empties it; the memory stays for the next packets.
    public mutating func removeAll() {
        guard !isEmpty else { return }
        packets.removeAll()
        destinations.removeAll(keepingCapacity: true)
    }
}
