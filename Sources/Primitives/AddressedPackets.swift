/// Packets on their way out, each with where it goes, in order.
///
/// What runs with each packet can be inlined: a module that knows the kind of destination then has code for that kind.
public struct AddressedPackets<Destination: Sendable>: Sendable {
    @usableFromInline var arena = PacketArena()
    @usableFromInline var addresses: [Destination] = []

    public init() {}

    public var packets: PacketArena { arena }
    public var destinations: [Destination] { addresses }

    @inlinable public var isEmpty: Bool { addresses.isEmpty }
    @inlinable public var count: Int { addresses.count }

    @inlinable public mutating func append(_ packet: UnsafeRawBufferPointer, to destination: Destination) {
        arena.append(packet)
        addresses.append(destination)
    }

    public mutating func append(_ packet: [UInt8], to destination: Destination) {
        packet.withUnsafeBytes { append($0, to: destination) }
    }

    /// Moves all of `source`'s packets here, for one destination.
    @inlinable public mutating func take(_ source: inout PacketArena, to destination: Destination) {
        guard !source.isEmpty else { return }
        source.forEach { append($0, to: destination) }
        source.removeAll()
    }

    /// Calls `body` with each packet, oldest first.
    @inlinable public func forEach(_ body: (UnsafeRawBufferPointer, Destination) -> Void) {
        var index = 0
        arena.forEach { packet in
            body(packet, addresses[index])
            index += 1
        }
    }

    /// Empties it; the memory stays for the next packets.
    @inlinable public mutating func removeAll() {
        guard !isEmpty else { return }
        arena.removeAll()
        addresses.removeAll(keepingCapacity: true)
    }
}
