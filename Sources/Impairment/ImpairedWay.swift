import Primitives

/// The way between a browser and the gateway, impaired in both directions.
public struct ImpairedWay: Sendable {
    public var fromBrowser: ImpairedDirection
    public var toBrowser: ImpairedDirection

    public init(_ impairment: Impairment, seed: UInt64) {
        var seeds = ImpairmentRandom(state: seed)
        fromBrowser = ImpairedDirection(impairment, seed: seeds.next())
        toBrowser = ImpairedDirection(impairment, seed: seeds.next())
    }

    /// Datagrams that are held already stay so until they are due.
    public var impairment: Impairment {
        get { fromBrowser.impairment }
        set {
            fromBrowser.impairment = newValue
            toBrowser.impairment = newValue
        }
    }

    public var nextDeadline: Instant? { .earlier(fromBrowser.nextDeadline, toBrowser.nextDeadline) }

    public var drops: DropCounters {
        var drops = fromBrowser.drops
        drops.add(toBrowser.drops)
        return drops
    }

    public var report: ImpairmentReport {
        ImpairmentReport(impairment: impairment, fromBrowser: .init(fromBrowser), toBrowser: .init(toBrowser))
    }
}

/// What an impaired way has done so far.
public struct ImpairmentReport: Equatable, Sendable {
    public struct Direction: Equatable, Sendable {
        /// Datagrams that came to be sent on.
        public let datagrams: UInt64
        /// Those of them that were dropped.
        public let dropped: UInt64

        public init(datagrams: UInt64, dropped: UInt64) {
            self.datagrams = datagrams
            self.dropped = dropped
        }

        init(_ direction: ImpairedDirection) {
            self.init(datagrams: direction.offered, dropped: direction.drops.total)
        }
    }

    public let impairment: Impairment
    public let fromBrowser: Direction
    public let toBrowser: Direction

    public init(impairment: Impairment, fromBrowser: Direction, toBrowser: Direction) {
        self.impairment = impairment
        self.fromBrowser = fromBrowser
        self.toBrowser = toBrowser
    }
}
