import CENet

/// What libenet has handed over and the owner has not taken, in the order of its arrival.
///
/// An owner that wants no reliable packets for now is given the unreliable ones that came behind them.
struct ReceivedEvents {
    /// A packet still belongs to libenet's allocator.
    enum Event {
        case packet(UnsafeMutablePointer<ENetPacket>, channel: UInt8)
        case other(ClientEvent)

        /// Whether it may overtake reliable packets. An end may not: they came before it.
        var isUnreliable: Bool {
            guard case .packet(let packet, _) = self else { return false }
            return packet.pointee.flags & ENET_PACKET_FLAG_RELIABLE.rawValue == 0
        }
    }

    private var arrived = Fifo<Event>()
    /// What was passed over, older than all in `arrived`.
    private var postponed = Fifo<Event>()

    mutating func append(_ event: Event) {
        arrived.append(event)
    }

    mutating func popFirst(reliableToo: Bool = true) -> Event? {
        if reliableToo, let event = postponed.popFirst() { return event }
        while let event = arrived.popFirst() {
            if reliableToo || event.isUnreliable { return event }
            postponed.append(event)
        }
        return nil
    }
}
