import Gateway
import NIOHTTP1

/// What the API has, as Signaling/admin/admin-api.yaml describes it.
enum AdminResource: CaseIterable {
    case gateway
    case sessions
    case session
    case capture
    case endedSessions
    case servers
    case drain
    case logLevel

    /// Its path, with a name in braces for what differs.
    var path: String {
        switch self {
        case .gateway: "/api/gateway"
        case .sessions: "/api/sessions"
        case .session: "/api/sessions/{id}"
        case .capture: "/api/sessions/{id}/capture"
        case .endedSessions: "/api/ended-sessions"
        case .servers: "/api/servers"
        case .drain: "/api/drain"
        case .logLevel: "/api/log-level"
        }
    }

    var methods: [HTTPMethod] {
        switch self {
        case .gateway, .sessions, .endedSessions, .servers: [.GET, .HEAD]
        case .session: [.GET, .HEAD, .DELETE]
        case .capture: [.POST]
        case .drain: [.POST, .DELETE]
        case .logLevel: [.GET, .HEAD, .PUT]
        }
    }

    /// The query parameters that a method takes.
    func parameters(of method: HTTPMethod) -> [AdminParameter] {
        switch (self, method) {
        case (.sessions, _): [.limit, .after]
        case (.endedSessions, _): [.limit]
        case (.session, .DELETE): [.reason, .disconnectData]
        case (.capture, _): [.seconds, .bytes, .payloads]
        default: []
        }
    }

    /// The resource of a path, with what stands for its name in braces; nil when there is none.
    static func named(by segments: [String]) -> (resource: AdminResource, name: String)? {
        for resource in allCases {
            let pattern = resource.path.split(separator: "/").map(String.init)
            guard pattern.count == segments.count else { continue }
            let pairs = zip(pattern, segments)
            guard pairs.allSatisfy({ $0 == $1 || $0.hasPrefix("{") && !$1.isEmpty }) else { continue }
            return (resource, pairs.first { $0.0.hasPrefix("{") }?.1 ?? "")
        }
        return nil
    }
}

/// A query parameter of the API.
enum AdminParameter: String, CaseIterable {
    case limit
    case after
    case reason
    case disconnectData = "disconnect_data"
    case seconds
    case bytes
    /// Whether a capture has them as they are: 1, or 0 for zeros.
    case payloads

    /// Nil for what is no number.
    var range: ClosedRange<Int>? {
        switch self {
        case .limit: 1...200
        // A place is a session's, of whom there are never more than 60,000.
        case .after: 0...65_535
        case .disconnectData: 0...Int(UInt32.max)
        case .seconds: 1...600
        case .bytes: CaptureOptions.byteLimits
        case .payloads: 0...1
        case .reason: nil
        }
    }

    /// Of a text, in UTF-8. SCTP's ABORT carries it to the browser beside the rest of the sentence.
    static let longestText = 200
}

/// The query of a request to the API.
struct AdminParameters {
    private var numbers: [AdminParameter: Int] = [:]
    private(set) var reason: String?

    subscript(parameter: AdminParameter) -> Int? { numbers[parameter] }

    /// One that nobody knows is refused: passed over it would do something else than was meant.
    init(_ query: [RequestTarget.Parameter], taking known: [AdminParameter]) throws(AdminParameterError) {
        for written in query {
            guard let parameter = AdminParameter(rawValue: written.name), known.contains(parameter) else {
                throw .unknown(written.name, known)
            }
            guard let range = parameter.range else {
                guard reason == nil else { throw .repeated(parameter) }
                guard Self.isSentence(written.value) else { throw .textUnusable(parameter) }
                reason = written.value
                continue
            }
            guard numbers[parameter] == nil else { throw .repeated(parameter) }
            guard !written.value.isEmpty, written.value.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(written.value), range.contains(number)
            else { throw .outOfRange(parameter) }
            numbers[parameter] = number
        }
    }

    /// It is shown to people, and in the log.
    private static func isSentence(_ text: String) -> Bool {
        (1...AdminParameter.longestText).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                    false
                default: true
                }
            } && text.contains { !$0.isWhitespace }
    }
}

enum AdminParameterError: Error, Equatable {
    case unknown(String, [AdminParameter])
    case repeated(AdminParameter)
    case outOfRange(AdminParameter)
    case textUnusable(AdminParameter)

    var sentence: String {
        switch self {
        case .unknown(let name, let known):
            "The query parameter \(ParameterError.quoted(name)) is unknown; "
                + (known.isEmpty ? "leave it out." : "use \(known.map(\.rawValue).joined(separator: " or ")).")
        case .repeated(let parameter):
            "The query parameter \(parameter.rawValue) is there more than once; send it once."
        case .outOfRange(let parameter):
            "The query parameter \(parameter.rawValue) must be a number from \(parameter.range?.lowerBound ?? 0) "
                + "to \(parameter.range?.upperBound ?? 0)."
        case .textUnusable(let parameter):
            "The query parameter \(parameter.rawValue) must be 1 to \(AdminParameter.longestText) bytes of text "
                + "in one line."
        }
    }
}
