import Primitives

/// What a profile puts around a game's packets on the server's side only.
///
/// Godot 3 begins each packet with eight bytes, little-endian: who sent it, and for whom it is, where 0 is everybody and
/// 1 the server; and its server tells on channel 0 who comes and goes (godot 3.x
/// modules/enet/networked_multiplayer_enet.cpp). WebRTCMultiplayer has none of that: to a page everything is from the
/// server, and all it sends is for the server.
///
/// Left out: packets of other players that the server passes on (`server_relay`). A page would take them for the
/// server's own, so they are dropped, and none of the page's are passed on to others.
public enum PacketFraming: Sendable {
    case none
    case godot3(peerID: UInt32)

    // From Godot 3.
    static let godot3HeaderLength = 8
    private static let godot3ServerID: UInt32 = 1
    private static let godot3ConfigurationChannel: UInt8 = 0

    public init(_ profile: Profile, peerID: UInt32?) {
        self = profile == .godot3 ? .godot3(peerID: peerID ?? 0) : .none
    }

    /// Bytes it adds to a packet for the server.
    public var overhead: Int {
        switch self {
        case .none: 0
        case .godot3: Self.godot3HeaderLength
        }
    }

    /// Calls `body` with what the server is to get of a page's message.
    public func wrap(_ payload: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        switch self {
        case .none: body(payload)
        case .godot3(let peerID):
            var packet: [UInt8] = []
            packet.reserveCapacity(Self.godot3HeaderLength + payload.count)
            withUnsafeBytes(of: peerID.littleEndian) { packet += $0 }
            withUnsafeBytes(of: Self.godot3ServerID.littleEndian) { packet += $0 }
            packet += payload
            packet.withUnsafeBytes(body)
        }
    }

    /// What the page is to get of a server's packet.
    public func payload(
        of packet: UnsafeRawBufferPointer, channel: UInt8
    ) throws(DropReason) -> UnsafeRawBufferPointer {
        guard case .godot3 = self else { return packet }
        guard channel != Self.godot3ConfigurationChannel else { throw .godot3Configuration }
        guard packet.count >= Self.godot3HeaderLength else { throw .godot3HeaderMissing }
        let sender = UInt32(littleEndian: packet.loadUnaligned(as: UInt32.self))
        guard sender == Self.godot3ServerID else { throw .godot3FromOtherPlayer }
        return UnsafeRawBufferPointer(rebasing: packet[Self.godot3HeaderLength...])
    }
}
