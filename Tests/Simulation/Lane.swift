import ENet
import Gateway
import Primitives
import SCTP
import SimulationSupport

/// One kind of traffic: a data channel, its counterpart in ENet, and what may be expected of messages on it.
struct Lane {
    let tag: UInt8
    let stream: UInt16
    let isUnordered: Bool
    let reliability: PartialReliability
    let channel: UInt8
    let delivery: Delivery

    var isReliable: Bool { delivery == .reliable }
    var isOrdered: Bool { delivery != .unsequenced }

    static let godot = [
        Lane(tag: 0, stream: 1, isUnordered: false, reliability: .reliable, channel: 0, delivery: .reliable),
        Lane(tag: 1, stream: 2, isUnordered: false, reliability: .reliable, channel: 1, delivery: .unreliableSequenced),
        Lane(tag: 2, stream: 3, isUnordered: true, reliability: .reliable, channel: 1, delivery: .unsequenced),
        Lane(tag: 3, stream: 6, isUnordered: false, reliability: .reliable, channel: 4, delivery: .reliable),
        Lane(tag: 4, stream: 7, isUnordered: true, reliability: .reliable, channel: 5, delivery: .unsequenced),
    ]

    /// The page numbers its announced channels by its DTLS role (RFC 8832 §6): even for a client.
    static func labelled(isClient: Bool) -> [Lane] {
        let odd: UInt16 = isClient ? 0 : 1
        return [
            Lane(tag: 0, stream: odd, isUnordered: false, reliability: .reliable, channel: 0, delivery: .reliable),
            Lane(
                tag: 1, stream: 2 + odd, isUnordered: false, reliability: .retransmissions(0), channel: 7,
                delivery: .unreliableSequenced),
            Lane(
                tag: 2, stream: 4 + odd, isUnordered: true, reliability: .lifetime(100), channel: 9,
                delivery: .unsequenced),
            Lane(tag: 3, stream: 6 + odd, isUnordered: false, reliability: .reliable, channel: 3, delivery: .reliable),
            Lane(tag: 4, stream: 11, isUnordered: false, reliability: .reliable, channel: 11, delivery: .reliable),
        ]
    }

    static func labelledChannels(isClient: Bool) -> [SimulatedBrowser.Channel] {
        let odd: UInt16 = isClient ? 0 : 1
        return [
            .init(odd, label: "0"), .init(2 + odd, label: "7", limit: .retransmissions(0)),
            .init(4 + odd, label: "9", ordered: false, limit: .lifetime(100)), .init(6 + odd, label: "3"),
            .init(11, negotiated: true),
        ]
    }
}

/// The messages of one lane in one direction: numbered when sent, checked when received.
struct LaneLog {
    private(set) var sent: UInt32 = 0
    private(set) var received = 0
    private var seen: Set<UInt32> = []
    private var highest: UInt32?
    private(set) var complaint: String?

    /// The next message: tag, number, and bytes that follow from both.
    mutating func next(tag: UInt8, size: Int) -> [UInt8] {
        defer { sent += 1 }
        var bytes: [UInt8] = [tag]
        bytes.append(bigEndian: sent)
        for index in 5..<max(size, 5) { bytes.append(UInt8(truncatingIfNeeded: index &* 31 &+ Int(sent))) }
        return bytes
    }

    mutating func receive(_ bytes: [UInt8], lane: Lane) {
        guard bytes.count >= 5 else { return complain("a message of \(bytes.count) bytes") }
        let number = bytes[1...4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        for index in 5..<bytes.count where bytes[index] != UInt8(truncatingIfNeeded: index &* 31 &+ Int(number)) {
            return complain("message \(number) is damaged at byte \(index) of \(bytes.count)")
        }
        received += 1
        guard number < sent else { return complain("message \(number) was never sent") }
        guard seen.insert(number).inserted else { return complain("message \(number) came twice") }
        if lane.isReliable, number != highest.map({ $0 + 1 }) ?? 0 {
            complain("reliable message \(number) after \(highest.map(String.init) ?? "none")")
        }
        if lane.isOrdered, let highest, number < highest {
            complain("ordered message \(number) after \(highest)")
        }
        highest = max(highest ?? 0, number)
    }

    var isComplete: Bool { received == Int(sent) }

    private mutating func complain(_ text: String) {
        complaint = complaint ?? text
    }
}
