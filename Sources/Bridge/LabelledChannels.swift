import DataChannels
import ENet
import SCTP

/// Profile `channels`: a data channel's ENet channel is its label when that is a number from 0 to 254, otherwise its
/// place in the order of opening: the lowest that no open channel has, numbered ones counted. A closed channel's place
/// goes to the next that is opened, so a page that closes a channel and opens it again is where it was. Browsers open
/// channels made at once in any order (Firefox does), so a page with several numbers them, or waits for one to open
/// before it makes the next. A channel with a place beyond 254 is nothing in ENet.
///
/// A data channel's own reliability decides how its messages travel in ENet:
///
/// | data channel | ENet |
/// |---|---|
/// | ordered, reliable | RELIABLE |
/// | ordered, partially reliable | unreliable, sequenced |
/// | unordered, partially reliable | UNSEQUENCED |
/// | unordered, reliable | RELIABLE, and so in order: ENet has no other reliable kind |
///
/// A stream the page negotiated by itself (`negotiated: true`) is ENet channel = stream id; what it asked for is not on
/// the wire but for the order, so ordered messages are taken as reliable.
public struct LabelledChannels: Sendable {
    // From libenet: ENET_PROTOCOL_MAXIMUM_CHANNEL_COUNT is 255.
    static let channelCount = 255

    private struct Entry {
        let stream: UInt16
        let channel: UInt8
        let reliability: ChannelReliability
        let delivery: Delivery
        /// The page chose the ENet channel; it did not come from the order of opening.
        let isNumbered: Bool
    }

    private struct Kind: Hashable {
        let channel: UInt8
        let delivery: Delivery
    }

    /// There are at most as many as SCTP streams.
    private var byStream: [UInt16: Entry] = [:]
    /// Those of one ENet channel, in order of opening.
    private var byChannel: [UInt8: [Entry]] = [:]
    /// The one of several that a packet from the server is for.
    private var preferred: [Kind: Entry] = [:]

    public init() {}

    mutating func open(_ channel: DataChannelTable.Channel) {
        close(stream: channel.stream)
        let number = channel.isNegotiated ? Int(channel.stream) : Self.number(label: channel.label)
        let enetChannel = number ?? channel.place
        guard enetChannel < Self.channelCount else { return }
        let entry = Entry(
            stream: channel.stream, channel: UInt8(enetChannel), reliability: channel.reliability,
            delivery: Self.delivery(of: channel.reliability), isNumbered: number != nil)
        byStream[entry.stream] = entry
        byChannel[entry.channel, default: []].append(entry)
        choosePreferred(of: entry.channel)
    }

    mutating func close(stream: UInt16) {
        guard let entry = byStream.removeValue(forKey: stream) else { return }
        byChannel[entry.channel]?.removeAll { $0.stream == stream }
        if byChannel[entry.channel]?.isEmpty == true { byChannel[entry.channel] = nil }
        choosePreferred(of: entry.channel)
    }

    /// Of several data channels of one ENet channel, one of the packet's kind is taken before others, then one that the
    /// page numbered, then the one opened first.
    private mutating func choosePreferred(of channel: UInt8) {
        let candidates = byChannel[channel] ?? []
        for delivery in [Delivery.reliable, .unreliableSequenced, .unsequenced] {
            let ofKind = candidates.filter { $0.delivery == delivery }
            let eligible = ofKind.isEmpty ? candidates : ofKind
            preferred[Kind(channel: channel, delivery: delivery)] =
                eligible.first(where: \.isNumbered) ?? eligible.first
        }
    }

    func destination(fromStream stream: UInt16) -> ServerDestination? {
        byStream[stream].map { ServerDestination(channel: $0.channel, delivery: $0.delivery) }
    }

    func destination(fromChannel channel: UInt8, delivery: Delivery) -> BrowserDestination? {
        guard let entry = preferred[Kind(channel: channel, delivery: delivery)] else { return nil }
        let plain = BrowserDestination(stream: entry.stream, delivery: delivery)
        return BrowserDestination(
            stream: entry.stream,
            isUnordered: delivery == .reliable ? !entry.reliability.isOrdered : plain.isUnordered,
            reliability: delivery == .reliable ? .reliable : Self.limit(entry.reliability) ?? plain.reliability)
    }

    /// The label as an ENet channel's number: digits only, no sign, no leading zero.
    private static func number(label: String) -> Int? {
        guard let number = UInt8(label), number < channelCount, String(number) == label else { return nil }
        return Int(number)
    }

    private static func delivery(of reliability: ChannelReliability) -> Delivery {
        if reliability.isReliable { return .reliable }
        return reliability.isOrdered ? .unreliableSequenced : .unsequenced
    }

    /// What the page asked for on a partially reliable channel holds for what the server sends on it, too.
    private static func limit(_ reliability: ChannelReliability) -> PartialReliability? {
        switch reliability.limit {
        case .none: nil
        case .retransmissions(let count): .retransmissions(count)
        case .lifetime(let milliseconds): .lifetime(milliseconds)
        }
    }
}
