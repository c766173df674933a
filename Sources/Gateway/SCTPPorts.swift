/// Hands out local SCTP ports, one per session: associations that share one share a hash chain in usrsctp, and connecting
/// then slows down with their number.
struct SCTPPorts {
    private static let range: ClosedRange<UInt16> = 1024...65_535

    private var taken: Set<UInt16> = []
    private var next = range.lowerBound

    /// Ports in use.
    var count: Int { taken.count }

    /// A port no session has, or nil when all are taken.
    mutating func claim() -> UInt16? {
        guard taken.count < Self.range.count else { return nil }
        while !taken.insert(next).inserted {
            advance()
        }
        defer { advance() }
        return next
    }

    mutating func release(_ port: UInt16) {
        taken.remove(port)
    }

    private mutating func advance() {
        next = next == Self.range.upperBound ? Self.range.lowerBound : next + 1
    }
}
