/// A query parameter: a number, but for the name of a server.
enum Parameter: String, CaseIterable {
    case peerID = "peer_id"
    case connectData = "connect_data"
    case disconnectData = "disconnect_data"
    case server

    /// Nil for what is no number.
    var range: ClosedRange<UInt32>? {
        switch self {
        // Godot's ids of players: 32-bit signed, and 1 is the server.
        case .peerID: 2...2_147_483_647
        // ENet's data words.
        case .connectData, .disconnectData: 0...UInt32.max
        case .server: nil
        }
    }

    /// The requests that have parameters.
    enum Request {
        case join, leave

        var parameters: [Parameter] {
            switch self {
            case .join: [.peerID, .connectData, .server]
            case .leave: [.disconnectData]
            }
        }

        /// As sentences name it.
        var name: String {
            switch self {
            case .join: "/join"
            case .leave: "DELETE"
            }
        }
    }
}

/// The query of a request.
struct Parameters: Equatable {
    private var values: [Parameter: UInt32] = [:]
    /// The name of the server that is asked for. Whether it can be one is the route's to say.
    private(set) var server: String?

    subscript(parameter: Parameter) -> UInt32? { values[parameter] }

    /// A parameter nobody knows is refused: `peerid=7` passed over would give the player another id than its game
    /// believes it has.
    init(_ query: [RequestTarget.Parameter], of request: Parameter.Request) throws(ParameterError) {
        for written in query {
            guard let parameter = Parameter(rawValue: written.name), request.parameters.contains(parameter) else {
                throw .unknown(written.name, request)
            }
            guard let range = parameter.range else {
                guard server == nil else { throw .repeated(parameter) }
                server = written.value
                continue
            }
            guard values[parameter] == nil else { throw .repeated(parameter) }
            guard !written.value.isEmpty, written.value.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = UInt32(written.value), range.contains(number)
            else { throw .outOfRange(parameter) }
            values[parameter] = number
        }
    }
}

enum ParameterError: Error, Equatable {
    case unknown(String, Parameter.Request)
    case repeated(Parameter)
    case outOfRange(Parameter)

    var sentence: String {
        switch self {
        case .unknown(let name, let request):
            "The query parameter \(Self.quoted(name)) is unknown; \(request.name) takes "
                + Self.list(request.parameters.map(\.rawValue)) + " only."
        case .repeated(let parameter):
            "The query parameter \(parameter.rawValue) is there more than once; send it once."
        case .outOfRange(let parameter):
            "The query parameter \(parameter.rawValue) must be a number from \(parameter.range?.lowerBound ?? 0) "
                + "to \(parameter.range?.upperBound ?? .max)."
        }
    }

    /// `a, b and c`.
    private static func list(_ names: [String]) -> String {
        names.count > 1 ? names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "") : names.joined()
    }

    /// The name as sent when it is short and plain; text from the network does not come back otherwise.
    static func quoted(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
        return isPlain && !name.isEmpty && name.utf8.count <= 32 ? "\"\(name)\"" : "you sent"
    }
}
