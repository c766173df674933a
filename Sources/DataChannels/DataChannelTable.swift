import Primitives

/// The data channels of one association: which streams are open, and what arriving messages mean (RFC 8831, RFC 8832).
///
/// Left out: opening channels in band from this side, because a gateway only answers; and the protocol an opener names,
/// which nobody here asks for.
public struct DataChannelTable: Sendable {
    public struct Channel: Equatable, Sendable {
        /// The SCTP stream, the same in both directions.
        public let stream: UInt16
        /// The label, cut after `labelLimit` bytes.
        public let label: String
        public let reliability: ChannelReliability
        /// Its place in the order of opening: the lowest that no open channel has. The first channel has 0, and the
        /// place of a closed one goes to the next that is opened.
        public let place: Int
        /// Whether the page opened it without telling us (`negotiated: true`).
        public let isNegotiated: Bool
    }

    /// Which streams the peer may open channels on (RFC 8832 §6).
    public enum Parity: UInt16, Sendable {
        /// The peer is the DTLS client.
        case even = 0
        /// The peer is the DTLS server.
        case odd = 1
    }

    /// What a message from the peer turned out to be.
    public enum Reception {
        /// A channel was opened in band; answer with `acknowledgement` on its stream, reliable and ordered.
        case opened(Channel)
        /// An OPEN that opens nothing. Reset its stream, which tells its sender (RFC 8832 §6); a channel that was open
        /// there is closed by it.
        case refused(DropReason, closed: Channel?)
        /// User data of a message, without the byte that stands for an empty one.
        case message(stream: UInt16, isString: Bool, payload: UnsafeRawBufferPointer)
    }

    /// What the peer's reset of a stream turned out to be.
    public enum Closing: Equatable {
        /// The peer closes, if there was a channel that we knew of: reset the stream, too (RFC 8831 §6.7).
        case byPeer(Channel?)
        /// The peer's answer to a reset of ours: nothing more is to be done.
        case answersOurs
    }

    /// DATA_CHANNEL_ACK (RFC 8832 §5.2).
    public static let acknowledgement: [UInt8] = [OpenMessage.acknowledgementType]

    // Our choice.
    /// How much of a label is kept, in bytes: enough for a name, not for a store.
    public static let labelLimit = 64

    private var channels: [UInt16: Channel] = [:]
    /// By place, whether an open channel has it.
    private var places: [Bool] = []
    /// Streams of refused channels, which the peer has not reset yet.
    private var closing: Set<UInt16> = []
    private let limit: Int
    private let peersParity: Parity

    /// - Parameters:
    ///   - limit: how many channels may be open at once.
    ///   - peersParity: the streams on which the peer may open.
    public init(limit: Int, peersParity: Parity) {
        self.limit = limit
        self.peersParity = peersParity
    }

    public var count: Int { channels.count }

    public subscript(stream: UInt16) -> Channel? { channels[stream] }

    /// The streams of all channels, lowest first.
    public var streams: [UInt16] { channels.keys.sorted() }

    /// Adds a channel both sides know of without a message; the channel that now has the stream, or nil at the limit or
    /// while the stream is being closed.
    @discardableResult
    public mutating func openNegotiated(
        stream: UInt16, label: String, reliability: ChannelReliability
    ) -> Channel? {
        guard !closing.contains(stream) else { return nil }
        return open(stream: stream, label: label, reliability: reliability, isNegotiated: true)
    }

    /// Takes one SCTP user message.
    public mutating func receive(
        _ payload: UnsafeRawBufferPointer, stream: UInt16, protocolIdentifier: UInt32
    ) throws(DropReason) -> Reception {
        let kind = try PayloadProtocol.reading(protocolIdentifier)
        // What was under way when its channel was refused.
        guard !closing.contains(stream) else { throw .channelNotOpen }
        if kind == .establishment {
            return try receiveEstablishment(payload, stream: stream)
        }
        // RFC 8831 §6.6: whatever the one byte of an empty message holds is ignored.
        let user = kind.isEmpty ? UnsafeRawBufferPointer(start: nil, count: 0) : payload
        return .message(stream: stream, isString: kind.isString, payload: user)
    }

    /// Notes that the peer has reset its side of a stream.
    public mutating func receiveReset(of stream: UInt16) -> Closing {
        guard closing.remove(stream) == nil else { return .answersOurs }
        return .byPeer(close(stream))
    }

    /// Notes that the peer has reset its side of all streams.
    public mutating func receiveResetOfAll() -> [Channel] {
        closing.removeAll()
        return streams.compactMap { close($0) }
    }

    private mutating func receiveEstablishment(
        _ payload: UnsafeRawBufferPointer, stream: UInt16
    ) throws(DropReason) -> Reception {
        switch payload.first {
        // We send no OPEN, so nobody has one to acknowledge.
        case OpenMessage.acknowledgementType: throw .channelAckUnexpected
        case OpenMessage.messageType: break
        default: throw .channelMessageUnknown
        }
        do throws(DropReason) {
            return .opened(try receiveOpen(OpenMessage(parsing: payload), stream: stream))
        } catch {
            closing.insert(stream)
            return .refused(error, closed: close(stream))
        }
    }

    /// RFC 8832 §6: an OPEN counts on an unused stream of the peer's parity. A stream on which a user message came before
    /// is in use, too: only on a channel that was negotiated, or by a sender who did not wait for our ACK to send out of
    /// order, can that be.
    private mutating func receiveOpen(_ message: OpenMessage, stream: UInt16) throws(DropReason) -> Channel {
        guard channels[stream] == nil else { throw .channelOpenUnexpected }
        guard stream & 1 == peersParity.rawValue else { throw .channelParityWrong }
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
            stream: stream, label: label, reliability: reliability, place: takePlace(), isNegotiated: isNegotiated)
        channels[stream] = channel
        return channel
    }

    private mutating func close(_ stream: UInt16) -> Channel? {
        guard let channel = channels.removeValue(forKey: stream) else { return nil }
        places[channel.place] = false
        return channel
    }

    private mutating func takePlace() -> Int {
        guard let free = places.firstIndex(of: false) else {
            places.append(true)
            return places.count - 1
        }
        places[free] = true
        return free
    }
}
