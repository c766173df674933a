import Primitives

/// The data channels of one association: which streams are open, and what arriving messages mean (RFC 8831, RFC 8832).
///
/// Left out: opening channels in band from this side, because a gateway only answers.
public struct DataChannelTable: Sendable {
    public struct Channel: Equatable, Sendable {
        /// The SCTP stream, the same in both directions.
        public let stream: UInt16
        /// The label, cut after `labelLimit` bytes.
        public let label: String
        public let reliability: ChannelReliability
        /// How many channels were opened before this one.
        public let order: Int
        /// Whether the page opened it without telling us (`negotiated: true`).
        public let isNegotiated: Bool
    }

    /// What a message from the peer turned out to be.
    public enum Reception {
        /// A channel was opened in band; answer with `acknowledgement` on its stream, reliable and ordered.
        case opened(Channel)
        /// User data of a message, without the byte that stands for an empty one.
        case message(stream: UInt16, isString: Bool, payload: UnsafeRawBufferPointer)
    }

    /// DATA_CHANNEL_ACK (RFC 8832 §5.2).
    public static let acknowledgement: [UInt8] = [OpenMessage.acknowledgementType]

    // Our choice.
    /// How much of a label is kept, in bytes: enough for a name, not for a store.
    public static let labelLimit = 256

    private var channels: [UInt16: Channel] = [:]
    private var openedSoFar = 0
    private let limit: Int

    /// - Parameter limit: how many channels may be open at once.
    public init(limit: Int) {
        self.limit = limit
    }

    public var count: Int { channels.count }

    public subscript(stream: UInt16) -> Channel? { channels[stream] }

    /// Adds a channel both sides know of without a message; the channel that now has the stream, or nil at the limit.
    @discardableResult
    public mutating func openNegotiated(
        stream: UInt16, label: String, reliability: ChannelReliability
    ) -> Channel? {
        open(stream: stream, label: label, reliability: reliability, isNegotiated: true)
    }

    /// Takes one SCTP user message.
    public mutating func receive(
        _ payload: UnsafeRawBufferPointer, stream: UInt16, protocolIdentifier: UInt32
    ) throws(DropReason) -> Reception {
        guard let kind = PayloadProtocol(rawValue: protocolIdentifier) else { throw .channelProtocolUnknown }
        if kind == .establishment {
            return .opened(try receiveEstablishment(payload, stream: stream))
        }
        // RFC 8831 §6.6: whatever the one byte of an empty message holds is ignored.
        let user = kind.isEmpty ? UnsafeRawBufferPointer(start: nil, count: 0) : payload
        return .message(stream: stream, isString: kind.isString, payload: user)
    }

    /// Forgets a channel whose stream was reset; the channel that was there.
    public mutating func close(stream: UInt16) -> Channel? {
        channels.removeValue(forKey: stream)
    }

    /// The streams of all channels, lowest first.
    public var streams: [UInt16] { channels.keys.sorted() }

    private mutating func receiveEstablishment(
        _ payload: UnsafeRawBufferPointer, stream: UInt16
    ) throws(DropReason) -> Channel {
        // We send no OPEN, so nobody has one to acknowledge.
        if payload.first == OpenMessage.acknowledgementType { throw .channelAckUnexpected }
        let message = try OpenMessage(parsing: payload)
        // RFC 8832 §6: an OPEN for a stream in use is an error. A negotiated channel on the stream is one too.
        guard channels[stream] == nil else { throw .channelOpenUnexpected }
        let label = String(decoding: message.label.utf8.prefix(Self.labelLimit), as: UTF8.self)
        guard
            let channel = open(
                stream: stream, label: label, reliability: message.reliability, isNegotiated: false)
        else { throw .channelLimit }
        return channel
    }

    private mutating func open(
        stream: UInt16, label: String, reliability: ChannelReliability, isNegotiated: Bool
    ) -> Channel? {
        if let existing = channels[stream] { return existing }
        guard channels.count < limit else { return nil }
        let channel = Channel(
            stream: stream, label: label, reliability: reliability, order: openedSoFar, isNegotiated: isNegotiated)
        openedSoFar += 1
        channels[stream] = channel
        return channel
    }
}
