import DequeModule
import Primitives

/// What happened to one session, each with its time: the first events and the latest, for one that lives long has many.
public struct SessionTimeline: Sendable {
    public struct Entry: Sendable {
        /// Milliseconds since 1970.
        public let time: UInt64
        public let event: Event
    }

    /// `SessionEvent.Kind` without what is known otherwise.
    public enum Event: Equatable, Sendable {
        case joined
        case reached(Path)
        case secured
        case opened
        case playing
        case moved(Path)
        case stalled(TrafficDirection)
        case recovered(TrafficDirection)
        case ended(EndReason)
    }

    // Our choice. A session that plays without trouble has six events.
    static let firstLimit = 8
    static let latestLimit = 24

    public private(set) var first: [Entry] = []
    /// Those that came between `first` and `latest` and are no longer known.
    public private(set) var leftOut: UInt64 = 0
    public private(set) var latest = Deque<Entry>()

    public init() {}

    public mutating func append(_ event: Event, at time: UInt64) {
        let entry = Entry(time: time, event: event)
        guard first.count >= Self.firstLimit else { return first.append(entry) }
        if latest.count >= Self.latestLimit {
            latest.removeFirst()
            leftOut &+= 1
        }
        latest.append(entry)
    }
}

extension SessionTimeline.Event {
    public init(_ kind: SessionEvent.Kind) {
        self =
            switch kind {
            case .joined: .joined
            case .reached(let path): .reached(path)
            case .secured: .secured
            case .opened: .opened
            case .playing: .playing
            case .moved(let path): .moved(path)
            case .stalled(let direction): .stalled(direction)
            case .recovered(let direction): .recovered(direction)
            case .ended(let reason, _, _): .ended(reason)
            }
    }
}
