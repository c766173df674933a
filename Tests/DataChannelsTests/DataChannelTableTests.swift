import Primitives
import Testing

@testable import DataChannels

@Suite struct DataChannelTableTests {
    private enum Seen: Equatable {
        case opened(DataChannelTable.Channel)
        case message(UInt16, isString: Bool, [UInt8])
        case dropped(DropReason)
    }

    private func receive(
        _ bytes: [UInt8], stream: UInt16, _ identifier: UInt32, in table: inout DataChannelTable
    ) -> Seen {
        bytes.withUnsafeBytes { payload in
            do throws(DropReason) {
                switch try table.receive(payload, stream: stream, protocolIdentifier: identifier) {
                case .opened(let channel): return .opened(channel)
                case .message(let stream, let isString, let payload):
                    return .message(stream, isString: isString, Array(payload))
                }
            } catch {
                return .dropped(error)
            }
        }
    }

    private func open(_ label: String) -> [UInt8] {
        OpenMessage(reliability: .init(isOrdered: true, limit: .none), label: label).serialized()
    }

    @Test func channelsAreOpenedInOrderAndClosed() {
        var table = DataChannelTable(limit: 10)
        let reliability = ChannelReliability(isOrdered: true, limit: .none)
        let first = DataChannelTable.Channel(
            stream: 4, label: "a", reliability: reliability, order: 0, isNegotiated: false)
        #expect(receive(open("a"), stream: 4, 50, in: &table) == .opened(first))
        #expect(table[4] == first)
        #expect(table.openNegotiated(stream: 9, label: "n", reliability: reliability)?.order == 1)
        #expect(table[9]?.isNegotiated == true)
        #expect(table.streams == [4, 9])
        #expect(table.close(stream: 4) == first)
        #expect(table.close(stream: 4) == nil)
        // The stream may be used again, and the order goes on.
        guard case .opened(let again) = receive(open("b"), stream: 4, 50, in: &table) else {
            Issue.record("not opened")
            return
        }
        #expect(again.order == 2)
    }

    @Test func aStreamInUseIsNotOpenedAgain() {
        var table = DataChannelTable(limit: 10)
        let reliability = ChannelReliability(isOrdered: true, limit: .none)
        _ = receive(open("a"), stream: 1, 50, in: &table)
        #expect(receive(open("b"), stream: 1, 50, in: &table) == .dropped(.channelOpenUnexpected))
        #expect(table.openNegotiated(stream: 1, label: "c", reliability: reliability)?.label == "a")
        table.openNegotiated(stream: 2, label: "n", reliability: reliability)
        #expect(receive(open("b"), stream: 2, 50, in: &table) == .dropped(.channelOpenUnexpected))
    }

    @Test func theLimitIsKept() {
        var table = DataChannelTable(limit: 2)
        _ = receive(open("a"), stream: 1, 50, in: &table)
        _ = receive(open("b"), stream: 3, 50, in: &table)
        #expect(receive(open("c"), stream: 5, 50, in: &table) == .dropped(.channelLimit))
        #expect(table.openNegotiated(stream: 7, label: "", reliability: .init(isOrdered: true, limit: .none)) == nil)
        #expect(table.count == 2)
        _ = table.close(stream: 1)
        guard case .opened = receive(open("c"), stream: 5, 50, in: &table) else {
            Issue.record("a closed channel must make room")
            return
        }
    }

    /// RFC 8831 §8: what each payload protocol identifier means.
    @Test func kindsOfMessages() {
        var table = DataChannelTable(limit: 2)
        #expect(receive([1, 2], stream: 3, 51, in: &table) == .message(3, isString: true, [1, 2]))
        #expect(receive([1, 2], stream: 3, 53, in: &table) == .message(3, isString: false, [1, 2]))
        #expect(receive([0], stream: 3, 56, in: &table) == .message(3, isString: true, []))
        #expect(receive([0], stream: 3, 57, in: &table) == .message(3, isString: false, []))
        for unknown in [0, 49, 52, 54, 55, 58, .max] as [UInt32] {
            #expect(receive([1], stream: 3, unknown, in: &table) == .dropped(.channelProtocolUnknown))
        }
        #expect(receive([2], stream: 3, 50, in: &table) == .dropped(.channelAckUnexpected))
        #expect(receive([], stream: 3, 50, in: &table) == .dropped(.channelOpenMalformed))
        #expect(PayloadProtocol.binary(count: 0) == .binaryEmpty)
        #expect(PayloadProtocol.binary(count: 1) == .binary)
    }

    @Test func longLabelsAreCut() {
        var table = DataChannelTable(limit: 2)
        _ = receive(open(String(repeating: "x", count: 60_000)), stream: 3, 50, in: &table)
        #expect(table[3]?.label.utf8.count == DataChannelTable.labelLimit)
    }
}
