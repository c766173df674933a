import DataChannels
import Primitives

enum DataChannelBenchmarks {
    static let all = [
        MicroBenchmark(name: "channels.open", meaning: "an OPEN read and its channel in the table") {
            let reliability = ChannelReliability(isOrdered: false, limit: .retransmissions(0))
            let open = OpenMessage(reliability: reliability, label: "state").serialized()
            var table = DataChannelTable(limit: 16, peersParity: .even)
            return {
                counted { expect(table.count(open) == 1, "The channel was not opened.") }
                _ = table.receiveReset(of: 2)
            }
        },
        MicroBenchmark(name: "channels.message", meaning: "a message told from an OPEN") {
            var table = DataChannelTable(limit: 16, peersParity: .even)
            return { counted { expect(table.isMessage(message), "It was taken for something else.") } }
        },
    ]
}

extension DataChannelTable {
    fileprivate mutating func count(_ open: [UInt8]) -> Int {
        open.withUnsafeBytes { _ = try? receive($0, stream: 2, protocolIdentifier: 50) }
        return count
    }

    fileprivate mutating func isMessage(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { payload in
            guard case .message? = try? receive(payload, stream: 2, protocolIdentifier: 53) else { return false }
            return true
        }
    }
}
