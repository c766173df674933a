import DataChannels
import ENet
import SCTP
import Testing

@testable import Bridge

@Suite struct ChannelMapTests {
    private func channel(
        _ stream: UInt16, _ label: String, ordered: Bool = true, _ limit: ChannelReliability.Limit = .none,
        order: Int = 0, negotiated: Bool = false
    ) -> DataChannelTable.Channel {
        var table = DataChannelTable(limit: 1000, peersParity: stream % 2 == 0 ? .even : .odd)
        for filler in 0..<order {
            table.openNegotiated(
                stream: UInt16(500 + filler), label: "", reliability: .init(isOrdered: true, limit: .none))
        }
        if negotiated {
            return table.openNegotiated(
                stream: stream, label: label, reliability: .init(isOrdered: ordered, limit: limit))!
        }
        let message = OpenMessage(reliability: .init(isOrdered: ordered, limit: limit), label: label).serialized()
        return message.withUnsafeBytes { bytes in
            guard case .opened(let channel)? = try? table.receive(bytes, stream: stream, protocolIdentifier: 50) else {
                preconditionFailure("The table must open a channel on a free stream.")
            }
            return channel
        }
    }

    // MARK: - Godot 4

    @Test func godotUpwards() {
        let map = ChannelMap(.godot4)
        func destination(_ stream: UInt16, unordered: Bool = false) -> ServerDestination? {
            map.destination(fromStream: stream, isUnordered: unordered)
        }
        #expect(destination(1) == ServerDestination(channel: 0, delivery: .reliable))
        #expect(destination(2) == ServerDestination(channel: 1, delivery: .unreliableSequenced))
        #expect(destination(3, unordered: true) == ServerDestination(channel: 1, delivery: .unsequenced))
        // Transfer channel n is stream n + 3 and ENet channel n + 1.
        for n in 1...253 as ClosedRange<UInt16> {
            #expect(destination(n + 3) == ServerDestination(channel: UInt8(n + 1), delivery: .reliable))
            #expect(
                destination(n + 3, unordered: true) == ServerDestination(channel: UInt8(n + 1), delivery: .unsequenced))
        }
        for stream in [0, 257, 1000, .max] as [UInt16] { #expect(destination(stream) == nil) }
    }

    @Test func godotDownwards() {
        let map = ChannelMap(.godot4)
        func destination(_ channel: UInt8, _ delivery: Delivery) -> BrowserDestination? {
            map.destination(fromChannel: channel, delivery: delivery)
        }
        let once = PartialReliability.retransmissions(0)
        #expect(destination(0, .reliable) == .init(stream: 1, isUnordered: false, reliability: .reliable))
        #expect(destination(1, .unreliableSequenced) == .init(stream: 2, isUnordered: false, reliability: once))
        #expect(destination(1, .unsequenced) == .init(stream: 3, isUnordered: true, reliability: once))
        // After 65,535 unreliable packets libenet sends one reliably: its kind is kept.
        #expect(destination(1, .reliable) == .init(stream: 2, isUnordered: false, reliability: .reliable))
        for n in 1...253 as ClosedRange<UInt16> {
            #expect(destination(UInt8(n + 1), .reliable)?.stream == n + 3)
            #expect(destination(UInt8(n + 1), .unsequenced)?.isUnordered == true)
        }
    }

    @Test func godotHasNoChannelsInBand() {
        var map = ChannelMap(.godot4)
        map.open(channel(400, "5"))
        #expect(map.destination(fromStream: 400, isUnordered: false) == nil)
        map.close(stream: 1)
        #expect(map.destination(fromStream: 1, isUnordered: false) != nil)
    }

    // MARK: - Any channels

    @Test(arguments: [
        (true, ChannelReliability.Limit.none, Delivery.reliable), (true, .retransmissions(0), .unreliableSequenced),
        (true, .lifetime(50), .unreliableSequenced), (false, .retransmissions(2), .unsequenced),
        (false, .lifetime(50), .unsequenced), (false, .none, .reliable),
    ]) func kindsUpwards(ordered: Bool, limit: ChannelReliability.Limit, delivery: Delivery) {
        var map = ChannelMap(.channels)
        map.open(channel(6, "17", ordered: ordered, limit))
        #expect(
            map.destination(fromStream: 6, isUnordered: !ordered)
                == ServerDestination(channel: 17, delivery: delivery))
    }

    @Test func labelsThatAreNumbers() {
        for (label, order, expected) in [
            ("0", 9, 0), ("254", 9, 254), ("255", 9, 9), ("07", 9, 9), ("+7", 9, 9), ("-1", 9, 9), ("", 9, 9),
            ("chat", 0, 0), ("٣", 3, 3), ("chat", 254, 254), ("99999999999999999999", 1, 1),
        ] as [(String, Int, UInt8)] {
            var map = ChannelMap(.channels)
            map.open(channel(3, label, order: order))
            #expect(map.destination(fromStream: 3, isUnordered: false)?.channel == expected, "\(label)")
        }
        var map = ChannelMap(.channels)
        map.open(channel(3, "chat", order: 255))
        #expect(map.destination(fromStream: 3, isUnordered: false) == nil)
    }

    @Test func negotiatedIsTheStream() {
        var map = ChannelMap(.channels)
        map.open(channel(30, "12", negotiated: true))
        #expect(map.destination(fromStream: 30, isUnordered: false)?.channel == 30)
        #expect(map.destination(fromChannel: 30, delivery: .reliable)?.stream == 30)
    }

    @Test func downwardsTheKindChoosesAmongSeveral() {
        var map = ChannelMap(.channels)
        map.open(channel(1, "5"))
        map.open(channel(3, "5", ordered: false, .lifetime(70)))
        #expect(
            map.destination(fromChannel: 5, delivery: .reliable)
                == .init(stream: 1, isUnordered: false, reliability: .reliable))
        #expect(
            map.destination(fromChannel: 5, delivery: .unsequenced)
                == .init(stream: 3, isUnordered: true, reliability: .lifetime(70)))
        #expect(map.destination(fromChannel: 6, delivery: .reliable) == nil)
        map.close(stream: 3)
        #expect(
            map.destination(fromChannel: 5, delivery: .unsequenced)
                == .init(stream: 1, isUnordered: true, reliability: .retransmissions(0)))
        map.close(stream: 1)
        #expect(map.destination(fromChannel: 5, delivery: .reliable) == nil)
    }

    // MARK: - Datagrams

    @Test func datagramsHaveOneChannelOfAnyKind() {
        var map = ChannelMap(.datagrams)
        #expect(map.destination(fromStream: 0, isUnordered: true) == nil)
        #expect(map.destination(fromChannel: 0, delivery: .unsequenced) == nil)
        map.open(channel(4, "anything"))
        for isUnordered in [false, true] {
            #expect(
                map.destination(fromStream: 4, isUnordered: isUnordered)
                    == ServerDestination(channel: 0, delivery: .unsequenced))
        }
        #expect(map.destination(fromStream: 0, isUnordered: true) == nil)
        #expect(
            map.destination(fromChannel: 0, delivery: .unsequenced)
                == .init(stream: 4, isUnordered: true, reliability: .retransmissions(0)))
        map.close(stream: 2)
        #expect(map.destination(fromChannel: 0, delivery: .unsequenced)?.stream == 4)
        map.close(stream: 4)
        #expect(map.destination(fromChannel: 0, delivery: .unsequenced) == nil)
    }

    /// A reliable packet stays reliable on a channel the page wanted unreliable.
    @Test func reliableStaysReliable() {
        var map = ChannelMap(.channels)
        map.open(channel(3, "5", ordered: false, .retransmissions(0)))
        #expect(map.destination(fromChannel: 5, delivery: .reliable)?.reliability == .reliable)
    }
}
