import Gateway
import Primitives

// Sessions as JSON. Times are in milliseconds, points in time since 1970.

extension SessionDetails {
    func members(at now: UInt64) -> [(String, JSONDocument)] {
        var members: [(String, JSONDocument)] = [
            ("id", .string("\(id)")), ("name", .string(id.shortened)), ("route", .string(route)),
            ("server", .string(server)), ("state", .string(status.label)),
        ]
        members.append(("peerId", JSONDocument(peerID) { .count(UInt64($0)) }))
        members.append(("browser", JSONDocument(path) { .string("\($0.address)") }))
        members.append(("transport", JSONDocument(path) { .string($0.transport) }))
        members.append(("startedAt", .count(now - min(age.whole, now))))
        members.append(("ageMs", .count(age.whole)))
        members.append(("roundTripMs", roundTrips))
        members.append(("serverLoss", JSONDocument(serverLoss) { .decimal(Double($0) / 1e6) }))
        members += counters.members
        members.append(
            ("queues", .object(SessionQueue.allCases.map { ($0.rawValue, .integer(queues[$0] ?? 0)) })))
        return members
    }

    private var roundTrips: JSONDocument {
        [
            ("browser", JSONDocument(browserRoundTrip) { $0.document }),
            ("server", JSONDocument(serverRoundTrip) { $0.document }),
        ]
    }
}

extension AdminSession {
    /// With its timeline.
    func document(at now: UInt64) -> JSONDocument {
        var members = details?.members(at: now) ?? ended
        members.append(("timeline", timeline.document))
        members.append(("leftOut", .count(timeline.leftOut)))
        return .object(members)
    }

    /// What is known of one that has ended.
    private var ended: [(String, JSONDocument)] {
        let own: [(String, JSONDocument)] = [
            ("id", .string("\(id)")), ("name", .string(id.shortened)), ("route", .string(route)),
            ("server", JSONDocument(server, JSONDocument.string)), ("state", .string("ended")),
        ]
        return own + (carried ?? SessionCounters()).members
    }
}

extension SessionCounters {
    fileprivate var members: [(String, JSONDocument)] {
        [
            ("toServer", toServer.document), ("toBrowser", toBrowser.document),
            ("drops", .object(drops.nonZero.map { ($0.reason.label, .count($0.count)) })),
        ]
    }
}

extension MessageCounters {
    fileprivate var document: JSONDocument {
        [("messages", .count(messages)), ("bytes", .count(bytes))]
    }

    var bytes: UInt64 { reliable.bytes &+ unreliableSequenced.bytes &+ unsequenced.bytes }
}

extension Milliseconds {
    fileprivate var document: JSONDocument { .decimal(Double(nanoseconds) / 1e6) }
}

extension SessionTimeline {
    fileprivate var document: JSONDocument {
        .array(
            (first + latest).map { entry in .object([("at", .count(entry.time))] + entry.event.members) })
    }
}

extension SessionTimeline.Event {
    fileprivate var members: [(String, JSONDocument)] {
        switch self {
        case .joined, .secured, .opened, .playing: [("event", .string(name))]
        case .reached(let path), .moved(let path):
            [
                ("event", .string(name)), ("browser", .string("\(path.address)")),
                ("transport", .string(path.transport)),
            ]
        case .stalled(let direction), .recovered(let direction):
            [("event", .string(name)), ("direction", .string(direction.rawValue))]
        case .ended(let reason):
            [
                ("event", .string(name)), ("code", .string(reason.label)), ("reason", .string(reason.sentence)),
                ("data", JSONDocument(reason.serverData) { .count(UInt64($0)) }),
            ]
        }
    }

    var name: String {
        switch self {
        case .joined: "joined"
        case .reached: "reached"
        case .secured: "secured"
        case .opened: "opened"
        case .playing: "playing"
        case .moved: "moved"
        case .stalled: "stalled"
        case .recovered: "recovered"
        case .ended: "ended"
        }
    }
}
