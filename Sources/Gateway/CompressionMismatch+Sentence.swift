import ENet

extension CompressionMismatch {
    /// For the player's page and the operator's log, with what to write in the route.
    var sentence: String {
        switch finding {
        case .serverUses(.none), .serverReadsNothingCompressed:
            """
            The game server reads nothing that is compressed with \(configured.rawValue): set its route's compression \
            to what the server uses, or to none.
            """
        case .serverUses(let compression):
            """
            The game server compresses with \(compression.rawValue), but its route says \(configured.rawValue): set the \
            route's compression to \(compression.rawValue).
            """
        case .serverUsesAnother:
            """
            The game server compresses, and not as its route says, \(configured.rawValue): set the route's compression \
            to what the server uses.
            """
        }
    }
}
