import Primitives
import Testing

@testable import DataChannels

@Suite struct DataChannelTableTests {
    private enum Seen: Equatable {
        case opened(DataChannelTable.Channel)
        case refused(DropReason, closed: UInt16?)
        case message(UInt16, isString: Bool, [UInt8])
        case dropped(DropReason)
    }

    private let reliable = ChannelReliability(isOrdered: true, limit: .none)

    private func receive(
        _ bytes: [UInt8], stream: UInt16, _ identifier: UInt32, in table: inout DataChannelTable
    ) -> Seen {
        bytes.withUnsafeBytes { payload in
            do throws(DropReason) {
                switch try table.receive(payload, stream: stream, protocolIdentifier: identifier) {
                case .opened(let channel): return .opened(channel)
                case .refused(let reason, let closed): return .refused(reason, closed: closed?.stream)
                case .message(let stream, let isString, let payload):
                    return .message(stream, isString: isString, Array(payload))
                }
            } catch {
                return .dropped(error)
            }
        }
    }

    private func open(_ label: String, subprotocol: String = "") -> [UInt8] {
        OpenMessage(reliability: reliable, label: label, subprotocol: subprotocol).serialized()
    }

    private func place(_ seen: Seen) -> Int? {
        if case .opened(let channel) = seen { return channel.place }
        return nil
    }

    @Test func channelsAreOpenedInOrderAndClosed() {
        var table = DataChannelTable(limit: 10, peersParity: .even)
        let first = DataChannelTable.Channel(
            stream: 4, label: "a", reliability: reliable, place: 0, isNegotiated: false)
        #expect(receive(open("a"), stream: 4, 50, in: &table) == .opened(first))
        #expect(table[4] == first)
        #expect(table.openNegotiated(stream: 9, label: "n", reliability: reliable)?.place == 1)
        #expect(table[9]?.isNegotiated == true)
        #expect(table.streams == [4, 9])
        #expect(table.receiveReset(of: 4) == .byPeer(first))
        // A channel we never heard of is closed, too.
        #expect(table.receiveReset(of: 4) == .byPeer(nil))
    }

    /// The next channel takes the lowest place that is free; hundreds of channels one after the other need one.
    @Test func placesAreUsedAgain() {
        var table = DataChannelTable(limit: 10, peersParity: .even)
        for stream in [0, 2, 4] as [UInt16] {
            #expect(place(receive(open("a"), stream: stream, 50, in: &table)) == Int(stream / 2))
        }
        for _ in 0..<500 {
            _ = table.receiveReset(of: 2)
            #expect(place(receive(open("b"), stream: 2, 50, in: &table)) == 1)
        }
        _ = table.receiveReset(of: 4)
        _ = table.receiveReset(of: 0)
        #expect(table.openNegotiated(stream: 7, label: "", reliability: reliable)?.place == 0)
        #expect(place(receive(open("c"), stream: 6, 50, in: &table)) == 2)
        #expect(place(receive(open("d"), stream: 8, 50, in: &table)) == 3)
    }

    /// RFC 8832 §6: an OPEN on a used stream closes its channel; the sender's reset is then our answer's, and the stream
    /// is free.
    @Test func aStreamInUseIsNotOpenedAgain() {
        var table = DataChannelTable(limit: 10, peersParity: .odd)
        _ = receive(open("a"), stream: 1, 50, in: &table)
        #expect(table.openNegotiated(stream: 1, label: "c", reliability: reliable)?.label == "a")
        #expect(receive(open("b"), stream: 1, 50, in: &table) == .refused(.channelOpenUnexpected, closed: 1))
        #expect(table.count == 0)
        // Nothing counts there until the peer has reset it.
        #expect(receive(open("b"), stream: 1, 50, in: &table) == .dropped(.channelNotOpen))
        #expect(receive([1], stream: 1, 53, in: &table) == .dropped(.channelNotOpen))
        #expect(table.openNegotiated(stream: 1, label: "c", reliability: reliable) == nil)
        #expect(table.receiveReset(of: 1) == .answersOurs)
        #expect(place(receive(open("b"), stream: 1, 50, in: &table)) == 0)
    }

    /// As on one that was negotiated, of whichever parity.
    @Test func aNegotiatedChannelIsNotOpenedInBand() {
        var table = DataChannelTable(limit: 10, peersParity: .odd)
        table.openNegotiated(stream: 2, label: "n", reliability: reliable)
        table.openNegotiated(stream: 3, label: "n", reliability: reliable)
        #expect(receive(open("b"), stream: 2, 50, in: &table) == .refused(.channelOpenUnexpected, closed: 2))
        #expect(receive(open("b"), stream: 3, 50, in: &table) == .refused(.channelOpenUnexpected, closed: 3))
    }

    /// RFC 8832 §6: the DTLS client opens even streams, the server odd ones.
    @Test(arguments: [DataChannelTable.Parity.even, .odd]) func parityIsKept(parity: DataChannelTable.Parity) {
        var table = DataChannelTable(limit: 10, peersParity: parity)
        let right = parity.rawValue
        let wrong = 1 - right
        #expect(receive(open("a"), stream: wrong, 50, in: &table) == .refused(.channelParityWrong, closed: nil))
        #expect(place(receive(open("a"), stream: right, 50, in: &table)) == 0)
        // Both sides may have agreed on any.
        _ = table.receiveReset(of: wrong)
        #expect(table.openNegotiated(stream: wrong, label: "", reliability: reliable) != nil)
    }

    @Test func malformedOpensAreRefused() {
        var table = DataChannelTable(limit: 10, peersParity: .even)
        let malformed = [
            Array(open("ab").dropLast()), open("ab") + [0], [3], [3, 0x7F] + Array(open("").dropFirst(2)),
        ]
        for (stream, bytes) in malformed.enumerated() {
            #expect(
                receive(bytes, stream: UInt16(stream * 2), 50, in: &table)
                    == .refused(.channelOpenMalformed, closed: nil))
        }
        #expect(table.count == 0)
        // A channel that is open does not survive one either.
        _ = receive(open("a"), stream: 20, 50, in: &table)
        #expect(receive([3], stream: 20, 50, in: &table) == .refused(.channelOpenMalformed, closed: 20))
    }

    /// What is no OPEN opens and closes nothing.
    @Test func otherMessagesOfTheProtocolAreCounted() {
        var table = DataChannelTable(limit: 10, peersParity: .even)
        _ = receive(open("a"), stream: 0, 50, in: &table)
        #expect(receive([2], stream: 0, 50, in: &table) == .dropped(.channelAckUnexpected))
        for type in [0, 1, 4, 0xFF] as [UInt8] {
            #expect(receive([type], stream: 0, 50, in: &table) == .dropped(.channelMessageUnknown))
        }
        #expect(receive([], stream: 0, 50, in: &table) == .dropped(.channelMessageUnknown))
        #expect(table.count == 1)
    }

    @Test func theLimitIsKept() {
        var table = DataChannelTable(limit: 2, peersParity: .odd)
        _ = receive(open("a"), stream: 1, 50, in: &table)
        _ = receive(open("b"), stream: 3, 50, in: &table)
        #expect(receive(open("c"), stream: 5, 50, in: &table) == .refused(.channelLimit, closed: nil))
        #expect(table.openNegotiated(stream: 7, label: "", reliability: reliable) == nil)
        #expect(table.count == 2)
        _ = table.receiveReset(of: 1)
        _ = table.receiveReset(of: 5)
        #expect(place(receive(open("c"), stream: 5, 50, in: &table)) == 0)
    }

    @Test func allAreClosedAtOnce() {
        var table = DataChannelTable(limit: 10, peersParity: .even)
        for stream in [0, 2, 4] as [UInt16] { _ = receive(open("a"), stream: stream, 50, in: &table) }
        _ = receive([3], stream: 2, 50, in: &table)
        #expect(table.receiveResetOfAll().map(\.stream) == [0, 4])
        #expect(table.count == 0)
        #expect(place(receive(open("a"), stream: 2, 50, in: &table)) == 0)
    }

    /// RFC 8831 §8: what each payload protocol identifier means.
    @Test func kindsOfMessages() {
        var table = DataChannelTable(limit: 2, peersParity: .odd)
        #expect(receive([1, 2], stream: 3, 51, in: &table) == .message(3, isString: true, [1, 2]))
        #expect(receive([1, 2], stream: 3, 53, in: &table) == .message(3, isString: false, [1, 2]))
        #expect(receive([0], stream: 3, 56, in: &table) == .message(3, isString: true, []))
        #expect(receive([0], stream: 3, 57, in: &table) == .message(3, isString: false, []))
        for deprecated in [52, 54] as [UInt32] {
            #expect(receive([1], stream: 3, deprecated, in: &table) == .dropped(.channelProtocolDeprecated))
        }
        for unknown in [0, 49, 55, 58, .max] as [UInt32] {
            #expect(receive([1], stream: 3, unknown, in: &table) == .dropped(.channelProtocolUnknown))
        }
        #expect(PayloadProtocol.binary(count: 0) == .binaryEmpty)
        #expect(PayloadProtocol.binary(count: 1) == .binary)
    }

    /// The longest that can be said: 65,535 bytes each.
    @Test func longLabelsAreCut() {
        var table = DataChannelTable(limit: 2, peersParity: .odd)
        let longest = String(repeating: "x", count: 65_535)
        #expect(place(receive(open(longest, subprotocol: longest), stream: 3, 50, in: &table)) == 0)
        #expect(table[3]?.label.utf8.count == DataChannelTable.labelLimit)
    }
}
