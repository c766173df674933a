/// The ids of the players that are in, or joining, one route.
struct PeerIDs: Sendable {
    /// Godot's ids are 32-bit signed; 1 is the server, 0 everyone.
    static let range: ClosedRange<UInt32> = 2...2_147_483_647

    private var taken: Set<UInt32> = []

    var count: Int { taken.count }

    /// Takes the id asked for, or a free one when none is.
    mutating func claim(
        _ wanted: UInt32?, using random: inout some RandomNumberGenerator
    ) throws(JoinRefusal) -> UInt32 {
        guard let wanted else {
            while true {
                // Sessions are far fewer than ids, so this ends at once.
                let candidate = UInt32.random(in: Self.range, using: &random)
                if taken.insert(candidate).inserted { return candidate }
            }
        }
        guard Self.range.contains(wanted) else { throw .peerIDOutOfRange }
        guard taken.insert(wanted).inserted else { throw .peerIDTaken(wanted) }
        return wanted
    }

    mutating func release(_ id: UInt32) {
        taken.remove(id)
    }
}
