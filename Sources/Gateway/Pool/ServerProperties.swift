/// What may be said of a server beside where it is: `name=`, `weight=` and `capacity=`, wherever servers are listed.
public struct ServerProperties: Equatable, Sendable {
    public private(set) var name: String?
    public private(set) var weight: Int?
    public private(set) var capacity: Int?

    public init() {}

    /// - Parameter words: like `weight=2`, each once.
    public init(_ words: some Sequence<Substring>) throws(ServerPropertyError) {
        for word in words {
            let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { throw .unknown }
            switch pair[0] {
            case "name" where name == nil:
                guard RouteServer.isName(pair[1]) else { throw .nameMalformed }
                name = String(pair[1])
            case "weight" where weight == nil:
                weight = try Self.number(pair[1], RouteServer.weights) { .weightOutOfRange }
            case "capacity" where capacity == nil:
                capacity = try Self.number(pair[1], RouteServer.capacities) { .capacityOutOfRange }
            case "name", "weight", "capacity": throw .repeated
            default: throw .unknown
            }
        }
    }

    private static func number(
        _ text: Substring, _ range: ClosedRange<Int>, or error: () -> ServerPropertyError
    ) throws(ServerPropertyError) -> Int {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number)
        else {
            throw error()
        }
        return number
    }
}

/// Why what is said of a server cannot be used.
public enum ServerPropertyError: Error, Equatable, Sendable {
    case unknown
    case repeated
    case nameMalformed
    case weightOutOfRange
    case capacityOutOfRange

    /// The end of a sentence that began with the server.
    public var sentence: String {
        switch self {
        case .unknown: "after the server may come name=NAME, weight=NUMBER and capacity=NUMBER, with spaces between"
        case .repeated: "name, weight and capacity are given once each"
        case .nameMalformed:
            "name must be 1 to \(RouteServer.longestName) letters, digits, dots, dashes or underscores"
        case .weightOutOfRange:
            "weight must be a number from \(RouteServer.weights.lowerBound) to \(RouteServer.weights.upperBound)"
        case .capacityOutOfRange:
            "capacity must be a number from \(RouteServer.capacities.lowerBound) to \(RouteServer.capacities.upperBound)"
        }
    }
}

extension RouteServer {
    public mutating func take(_ properties: ServerProperties) {
        name = properties.name
        weight = properties.weight ?? weight
        capacity = properties.capacity
    }
}
