import Bridge
import ENet
import Primitives

/// Messages of one direction by the kind of their delivery, and their bytes.
public struct MessageCounters: Equatable, Sendable {
    public struct Tally: Equatable, Sendable {
        public var messages: UInt64 = 0
        public var bytes: UInt64 = 0

        public init(messages: UInt64 = 0, bytes: UInt64 = 0) {
            self.messages = messages
            self.bytes = bytes
        }

        fileprivate mutating func add(_ other: Tally) {
            messages &+= other.messages
            bytes &+= other.bytes
        }
    }

    public private(set) var reliable = Tally()
    public private(set) var unreliableSequenced = Tally()
    public private(set) var unsequenced = Tally()

    public init() {}

    public subscript(delivery: Delivery) -> Tally {
        switch delivery {
        case .reliable: reliable
        case .unreliableSequenced: unreliableSequenced
        case .unsequenced: unsequenced
        }
    }

    /// Messages of all kinds.
    public var messages: UInt64 { reliable.messages &+ unreliableSequenced.messages &+ unsequenced.messages }

    /// Counts messages of `bytes` together.
    public mutating func count(_ delivery: Delivery, bytes: Int, messages: UInt64 = 1) {
        let tally = Tally(messages: messages, bytes: UInt64(bytes))
        switch delivery {
        case .reliable: reliable.add(tally)
        case .unreliableSequenced: unreliableSequenced.add(tally)
        case .unsequenced: unsequenced.add(tally)
        }
    }

    mutating func add(_ other: MessageCounters) {
        reliable.add(other.reliable)
        unreliableSequenced.add(other.unreliableSequenced)
        unsequenced.add(other.unsequenced)
    }
}

/// What one session carried, or all of a route.
public struct SessionCounters: Equatable, Sendable {
    public var toServer = MessageCounters()
    public var toBrowser = MessageCounters()
    public var drops = DropCounters()

    public init() {}

    public var messagesToServer: UInt64 { toServer.messages }
    public var messagesToBrowser: UInt64 { toBrowser.messages }

    mutating func add(_ other: SessionCounters) {
        toServer.add(other.toServer)
        toBrowser.add(other.toBrowser)
        drops.add(other.drops)
    }
}

extension BrowserDestination {
    /// The kind of delivery that it is to ENet.
    var delivery: Delivery {
        if isReliable { return .reliable }
        return isUnordered ? .unsequenced : .unreliableSequenced
    }
}
