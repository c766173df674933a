import CENet

/// Packets given to libenet that it still holds: reliable ones until wholly acknowledged, unreliable ones until sent
/// or thrown away.
///
/// Each packet points here and is subtracted when libenet frees it, whatever the reason.
struct QueuedBytes {
    private(set) var reliable = 0
    private(set) var unreliable = 0
    private(set) var packets = 0

    func hasRoom(for count: Int, _ delivery: Delivery, in limits: ClientConfiguration) -> Bool {
        guard packets < limits.maximumQueuedPackets else { return false }
        return delivery == .reliable
            ? reliable + count <= limits.maximumQueuedReliableBytes
            : unreliable + count <= limits.maximumQueuedUnreliableBytes
    }

    mutating func count(_ packet: UnsafeMutablePointer<ENetPacket>, sign: Int) {
        if Delivery(flags: packet.pointee.flags) == .reliable {
            reliable += sign * packet.pointee.dataLength
        } else {
            unreliable += sign * packet.pointee.dataLength
        }
        packets += sign
    }

    /// Makes a packet that is counted in `queue` from now until libenet frees it; nil when out of memory.
    static func makePacket(
        _ payload: UnsafeRawBufferPointer, _ delivery: Delivery, countedIn queue: UnsafeMutablePointer<QueuedBytes>
    ) -> UnsafeMutablePointer<ENetPacket>? {
        guard let packet = enet_packet_create(payload.baseAddress, payload.count, delivery.flags) else { return nil }
        packet.pointee.userData = UnsafeMutableRawPointer(queue)
        packet.pointee.freeCallback = { packet in
            guard let packet, let queue = packet.pointee.userData else { return }
            queue.assumingMemoryBound(to: QueuedBytes.self).pointee.count(packet, sign: -1)
        }
        queue.pointee.count(packet, sign: 1)
        return packet
    }
}
