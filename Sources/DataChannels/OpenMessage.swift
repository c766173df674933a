import Primitives

/// How a data channel's messages are to be delivered, as its opener asked (RFC 8832 §5.1).
public struct ChannelReliability: Hashable, Sendable {
    public enum Limit: Hashable, Sendable {
        case none
        /// Retransmissions of one message.
        case retransmissions(UInt32)
        /// Age of a message in milliseconds.
        case lifetime(UInt32)
    }

    public var isOrdered: Bool
    public var limit: Limit

    public init(isOrdered: Bool, limit: Limit) {
        self.isOrdered = isOrdered
        self.limit = limit
    }

    /// No limit: every message arrives.
    public var isReliable: Bool { limit == .none }
}

/// DATA_CHANNEL_OPEN (RFC 8832 §5.1).
///
/// Left out: the priority, which a gateway that forwards at once has no use for; it is written as "normal" (256).
public struct OpenMessage: Equatable, Sendable {
    public var reliability: ChannelReliability
    public var label: String
    public var subprotocol: String

    // From the specification.
    static let messageType: UInt8 = 0x03
    static let acknowledgementType: UInt8 = 0x02
    private static let unorderedBit: UInt8 = 0x80
    private static let normalPriority: UInt16 = 256

    public init(reliability: ChannelReliability, label: String, subprotocol: String = "") {
        self.reliability = reliability
        self.label = label
        self.subprotocol = subprotocol
    }

    /// Reads one message, which must fill `bytes` exactly.
    public init(parsing bytes: UnsafeRawBufferPointer) throws(DropReason) {
        var reader = ByteReader(bytes)
        guard reader.readUInt8() == Self.messageType, let channelType = reader.readUInt8(),
            reader.readUInt16() != nil, let parameter = reader.readUInt32(),
            let labelLength = reader.readUInt16(), let protocolLength = reader.readUInt16(),
            let label = reader.readBytes(Int(labelLength)), let subprotocol = reader.readBytes(Int(protocolLength)),
            reader.remaining == 0,
            let limit = Self.limit(type: channelType & ~Self.unorderedBit, parameter: parameter)
        else { throw .channelOpenMalformed }
        self.init(
            reliability: ChannelReliability(isOrdered: channelType & Self.unorderedBit == 0, limit: limit),
            label: String(decoding: label, as: UTF8.self), subprotocol: String(decoding: subprotocol, as: UTF8.self))
    }

    /// The message's bytes. Label and protocol are at most 65,535 bytes each, and longer ones are cut there.
    public func serialized() -> [UInt8] {
        let label = self.label.utf8.prefix(Int(UInt16.max))
        let subprotocol = self.subprotocol.utf8.prefix(Int(UInt16.max))
        var bytes: [UInt8] = [Self.messageType, channelType]
        bytes.append(bigEndian: Self.normalPriority)
        bytes.append(bigEndian: parameter)
        bytes.append(bigEndian: UInt16(label.count))
        bytes.append(bigEndian: UInt16(subprotocol.count))
        bytes.append(contentsOf: label)
        bytes.append(contentsOf: subprotocol)
        return bytes
    }

    private static func limit(type: UInt8, parameter: UInt32) -> ChannelReliability.Limit? {
        switch type {
        case 0x00: ChannelReliability.Limit.none
        case 0x01: .retransmissions(parameter)
        case 0x02: .lifetime(parameter)
        default: nil
        }
    }

    private var channelType: UInt8 {
        let type: UInt8 =
            switch reliability.limit {
            case .none: 0x00
            case .retransmissions: 0x01
            case .lifetime: 0x02
            }
        return reliability.isOrdered ? type : type | Self.unorderedBit
    }

    private var parameter: UInt32 {
        switch reliability.limit {
        case .none: 0
        case .retransmissions(let count): count
        case .lifetime(let milliseconds): milliseconds
        }
    }
}
