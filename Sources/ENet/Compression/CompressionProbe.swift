import CENet

/// A compressed ping in a datagram of its own, which libenet knows nothing of: whether a server reads what we compress
/// shows in its acknowledging this.
///
/// Its sequence number is 0, which libenet's first 65,535 commands do not use. A server acknowledges a ping whatever
/// its number, and libenet looks for no command with it when the acknowledgement comes.
enum CompressionProbe {
    private static let sequenceNumber: UInt16 = 0
    /// The channel of commands that belong to no channel.
    private static let noChannel: UInt8 = 0xFF
    /// Room for four bytes however compressed: a whole zstd frame takes 13, FastLZ's sixteen zeros less.
    static let roomNeeded = 64

    /// Lays out the datagram.
    ///
    /// - Parameter time: libenet's.
    /// - Returns: The bytes used.
    static func write(
        to peer: PeerPointer, _ compression: Compression, at time: UInt32, into room: UnsafeMutableRawBufferPointer
    ) -> Int? {
        let word =
            UInt32(peer.pointee.outgoingPeerID)
            | UInt32(peer.pointee.outgoingSessionID) << ENET_PROTOCOL_HEADER_SESSION_SHIFT.rawValue
            | ENET_PROTOCOL_HEADER_FLAG_COMPRESSED.rawValue | ENET_PROTOCOL_HEADER_FLAG_SENT_TIME.rawValue
        let header = [word >> 8, word, time >> 8, time].map { UInt8(truncatingIfNeeded: $0) }
        let kind = ENET_PROTOCOL_COMMAND_PING.rawValue | ENET_PROTOCOL_COMMAND_FLAG_ACKNOWLEDGE.rawValue
        let ping = [UInt8(kind), noChannel, UInt8(sequenceNumber >> 8), UInt8(sequenceNumber & 0xFF)]
        room.copyBytes(from: header)
        let contents = UnsafeMutableRawBufferPointer(rebasing: room[header.count...])
        let count = ping.withUnsafeBytes { compression.compress($0, into: contents) }
        return count.map { header.count + $0 }
    }

    /// Whether an uncompressed datagram acknowledges it.
    static func isAcknowledged(by datagram: UnsafeRawBufferPointer, _ header: DatagramHeader) -> Bool {
        var commands = DatagramCommands(UnsafeRawBufferPointer(rebasing: datagram[header.length...]))
        while let command = commands.next() {
            let isAcknowledgement = UInt32(command[0]) == ENET_PROTOCOL_COMMAND_ACKNOWLEDGE.rawValue
            guard isAcknowledgement else { continue }
            // Channel, and the number of what was received (`ENetProtocolAcknowledge`).
            if command[1] == noChannel, UInt16(command[4]) << 8 | UInt16(command[5]) == sequenceNumber { return true }
        }
        return false
    }
}
