import CENet
import Primitives

/// Asks a server whether it is there, without its game taking notice: half of ENet's handshake, and a way back.
///
/// libenet answers CONNECT with VERIFY_CONNECT by itself, and tells the game of a new peer only when that is acknowledged,
/// which never happens here. DISCONNECT then gives the peer's place back, of which libenet tells the game nothing either, as
/// it never told of a beginning. Without it the place would be free again when libenet gives up asking, 5 to 30 s later.
///
/// Left out: a server that is full, which answers nobody and so looks like none.
public struct ConnectProbe: Sendable {
    private let connectID: UInt32
    private let compression: Compression

    // From libenet's protocol.h: bytes, and where in VERIFY_CONNECT what is of use here stands.
    private static let verifySize = 44
    private static let peerIDOffset = 4
    private static let sessionOffset = 7
    private static let connectIDOffset = 40
    private static let noChannel: UInt8 = 0xFF
    /// For the server to choose.
    private static let anySession: UInt8 = 0xFF
    /// Commands that belong to no channel begin with this number.
    private static let firstNumber: UInt16 = 1

    /// - Parameter connectID: a random number that tells its answer from others'.
    public init(connectID: UInt32, compression: Compression = .none) {
        self.connectID = connectID
        self.compression = compression
    }

    /// The datagram to send, and to send again: a repetition takes no second place.
    public var question: [UInt8] {
        var bytes = Self.header(peerID: UInt16(ENET_PROTOCOL_MAXIMUM_PEER_ID), session: 0)
        bytes += Self.command(ENET_PROTOCOL_COMMAND_CONNECT, ENET_PROTOCOL_COMMAND_FLAG_ACKNOWLEDGE, Self.firstNumber)
        // Our number for the server.
        bytes.append(bigEndian: UInt16(0))
        bytes += [Self.anySession, Self.anySession]
        let words = [
            UInt32(ENET_HOST_DEFAULT_MTU), UInt32(ENET_PROTOCOL_MAXIMUM_WINDOW_SIZE),
            // One channel, and no limits of bandwidth.
            1, 0, 0, UInt32(ENET_PEER_PACKET_THROTTLE_INTERVAL),
            UInt32(ENET_PEER_PACKET_THROTTLE_ACCELERATION),
            UInt32(ENET_PEER_PACKET_THROTTLE_DECELERATION), connectID, 0,
        ]
        for word in words { bytes.append(bigEndian: word) }
        return bytes
    }

    /// What a datagram from the server's address comes to: nil when it is no answer, otherwise the datagram to send so
    /// that the server forgets of it all; empty when the answer does not say how.
    public func farewell(to datagram: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let header = DatagramHeader(datagram) else { return nil }
        guard header.isCompressed else { return farewell(commands: datagram[header.length...]) }
        return withUnsafeTemporaryAllocation(byteCount: Int(ENET_PROTOCOL_MAXIMUM_MTU), alignment: 1) { room in
            guard let count = compression.restore(datagram, header, into: room) else {
                // Compressed otherwise than we were told: somebody is there all the same.
                return []
            }
            return farewell(commands: UnsafeRawBufferPointer(room)[header.length..<count])
        }
    }

    private func farewell(commands slice: Slice<UnsafeRawBufferPointer>) -> [UInt8]? {
        var commands = DatagramCommands(UnsafeRawBufferPointer(rebasing: slice))
        let kinds = ENET_PROTOCOL_COMMAND_MASK.rawValue
        while let command = commands.next() {
            guard UInt32(command[0]) & kinds == ENET_PROTOCOL_COMMAND_VERIFY_CONNECT.rawValue,
                command.count == Self.verifySize
            else { continue }
            var reader = ByteReader(UnsafeRawBufferPointer(rebasing: command[Self.connectIDOffset...]))
            guard reader.readUInt32() == connectID else { continue }
            let peerID = UInt16(command[Self.peerIDOffset]) << 8 | UInt16(command[Self.peerIDOffset + 1])
            var bytes = Self.header(peerID: peerID, session: command[Self.sessionOffset])
            bytes += Self.command(ENET_PROTOCOL_COMMAND_DISCONNECT, ENET_PROTOCOL_COMMAND_FLAG_UNSEQUENCED, 0)
            // Its data word.
            bytes.append(bigEndian: UInt32(0))
            return bytes
        }
        return nil
    }

    /// With a sent time, which acknowledgements want.
    private static func header(peerID: UInt16, session: UInt8) -> [UInt8] {
        let sessions = UInt32(session) << ENET_PROTOCOL_HEADER_SESSION_SHIFT.rawValue
        let word =
            UInt32(peerID & 0x0FFF) | sessions & ENET_PROTOCOL_HEADER_SESSION_MASK.rawValue
            | ENET_PROTOCOL_HEADER_FLAG_SENT_TIME.rawValue
        return [UInt8(truncatingIfNeeded: word >> 8), UInt8(truncatingIfNeeded: word), 0, 0]
    }

    private static func command(
        _ kind: ENetProtocolCommand, _ flag: ENetProtocolFlag, _ number: UInt16
    ) -> [UInt8] {
        [UInt8(kind.rawValue | flag.rawValue), noChannel, UInt8(number >> 8), UInt8(number & 0xFF)]
    }
}
