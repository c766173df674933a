import Primitives
import Testing

@testable import Bridge

@Suite struct PacketFramingTests {
    private func wrapped(_ payload: [UInt8], _ framing: PacketFraming) -> [UInt8] {
        var packet: [UInt8] = []
        payload.withUnsafeBytes { bytes in framing.wrap(bytes) { packet = Array($0) } }
        return packet
    }

    private func payload(
        of packet: [UInt8], channel: UInt8 = 1, _ framing: PacketFraming = .godot3(peerID: 7)
    ) -> Result<[UInt8], DropReason> {
        packet.withUnsafeBytes { bytes in
            Result { () throws(DropReason) in Array(try framing.payload(of: bytes, channel: channel)) }
        }
    }

    @Test func onlyGodot3HasOne() {
        for profile in [Profile.godot4, .channels] {
            let framing = PacketFraming(profile, peerID: 7)
            #expect(framing.overhead == 0)
            #expect(wrapped([1, 2], framing) == [1, 2])
            #expect(payload(of: [1, 2], channel: 0, framing) == .success([1, 2]))
        }
    }

    @Test func aPagesPacketIsFromItsPeerIDForTheServer() {
        let framing = PacketFraming(.godot3, peerID: 0x0102_0304)
        #expect(wrapped([9], framing) == [4, 3, 2, 1, 1, 0, 0, 0, 9])
        #expect(wrapped([], framing) == [4, 3, 2, 1, 1, 0, 0, 0])
        #expect(framing.overhead == 8)
    }

    @Test func theServersHeaderIsTakenOff() {
        #expect(payload(of: [1, 0, 0, 0, 7, 0, 0, 0, 9, 8]) == .success([9, 8]))
        #expect(payload(of: [1, 0, 0, 0, 0, 0, 0, 0]) == .success([]))
    }

    @Test func whatIsNotForThePageIsCounted() {
        #expect(payload(of: [0, 0, 0, 0, 5, 0, 0, 0], channel: 0) == .failure(.godot3Configuration))
        #expect(payload(of: [2, 0, 0, 0, 0, 0, 0, 0, 9]) == .failure(.godot3FromOtherPlayer))
        for count in 0..<8 {
            #expect(payload(of: [UInt8](repeating: 1, count: count)) == .failure(.godot3HeaderMissing))
        }
    }

    @Test func channels() {
        let map = ChannelMap(.godot3)
        #expect(map.destination(fromStream: 1, isUnordered: false) == .init(channel: 1, delivery: .reliable))
        #expect(map.destination(fromStream: 2, isUnordered: false) == .init(channel: 2, delivery: .unreliableSequenced))
        #expect(map.destination(fromStream: 3, isUnordered: true) == .init(channel: 2, delivery: .unsequenced))
        for stream in [0, 4, 1023] as [UInt16] {
            #expect(map.destination(fromStream: stream, isUnordered: false) == nil)
        }
        // What came on a transfer channel of its own goes by its kind.
        for channel in [1, 2, 9] as [UInt8] {
            #expect(map.destination(fromChannel: channel, delivery: .reliable)?.stream == 1)
            #expect(map.destination(fromChannel: channel, delivery: .unreliableSequenced)?.stream == 2)
            #expect(map.destination(fromChannel: channel, delivery: .unsequenced)?.stream == 3)
        }
    }
}
