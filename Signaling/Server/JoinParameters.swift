/// The query of a join.
struct JoinParameters: Equatable {
    /// Godot's ids of players: 32-bit signed, and 1 is the server.
    static let peerIDs: ClosedRange<UInt32> = 2...2_147_483_647

    private(set) var peerID: UInt32?

    /// A parameter nobody knows is refused: `peerid=7` passed over would give the player another id than its game
    /// believes it has.
    init(_ query: [RequestTarget.Parameter]) throws(ParameterError) {
        for parameter in query {
            guard parameter.name == "peer_id" else { throw .unknown(parameter.name) }
            guard peerID == nil else { throw .repeated }
            guard !parameter.value.isEmpty, parameter.value.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = UInt32(parameter.value), Self.peerIDs.contains(number)
            else { throw .outOfRange }
            peerID = number
        }
    }
}

enum ParameterError: Error, Equatable {
    case unknown(String)
    case repeated
    case outOfRange

    var sentence: String {
        switch self {
        case .unknown(let name):
            "The query parameter \(Self.quoted(name)) is unknown; /join takes peer_id only."
        case .repeated: "The query parameter peer_id is there more than once; send it once."
        case .outOfRange:
            "The query parameter peer_id must be a number from \(JoinParameters.peerIDs.lowerBound) "
                + "to \(JoinParameters.peerIDs.upperBound)."
        }
    }

    /// The name as sent when it is short and plain; text from the network does not come back otherwise.
    private static func quoted(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
        return isPlain && !name.isEmpty && name.utf8.count <= 32 ? "\"\(name)\"" : "you sent"
    }
}
