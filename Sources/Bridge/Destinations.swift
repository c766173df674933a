import ENet
import SCTP

/// Where a browser's message goes in ENet.
public struct ServerDestination: Hashable, Sendable {
    public let channel: UInt8
    public let delivery: Delivery

    public init(channel: UInt8, delivery: Delivery) {
        self.channel = channel
        self.delivery = delivery
    }
}

/// Where a server's packet goes among the browser's data channels.
public struct BrowserDestination: Hashable, Sendable {
    /// The SCTP stream, which is the data channel's id.
    public let stream: UInt16
    public let isUnordered: Bool
    public let reliability: PartialReliability

    public init(stream: UInt16, isUnordered: Bool, reliability: PartialReliability) {
        self.stream = stream
        self.isUnordered = isUnordered
        self.reliability = reliability
    }

    /// Whether it must not be dropped.
    public var isReliable: Bool { reliability == .reliable }
}

extension BrowserDestination {
    /// A packet of `delivery` on `stream`, each kind kept: reliable stays reliable and ordered, and an unreliable one
    /// is sent once, in order if it was sequenced.
    init(stream: UInt16, delivery: Delivery) {
        switch delivery {
        case .reliable: self.init(stream: stream, isUnordered: false, reliability: .reliable)
        case .unreliableSequenced: self.init(stream: stream, isUnordered: false, reliability: .retransmissions(0))
        case .unsequenced: self.init(stream: stream, isUnordered: true, reliability: .retransmissions(0))
        }
    }
}
