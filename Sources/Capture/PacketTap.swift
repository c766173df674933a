import Primitives

/// Copies of packets on their way, for who captures them. An object, so that it costs who has none one word.
public final class PacketTap {
    private var packets = AddressedPackets<PacketDirection>()

    public init() {}

    public func append(_ packet: UnsafeRawBufferPointer, _ direction: PacketDirection) {
        packets.append(packet, to: direction)
    }

    /// Calls `body`, which appends nothing, with each packet, oldest first, and forgets them.
    public func drain(_ body: (UnsafeRawBufferPointer, PacketDirection) -> Void) {
        packets.forEach(body)
        packets.removeAll()
    }
}
