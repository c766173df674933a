import Primitives

/// Who is joining from where: how many sessions one source has that are not open yet, and how fast it begins new ones.
///
/// A source is an IPv4 address, or the /64 that an IPv6 host usually has to itself. Joins are counted, not datagrams: no
/// datagram makes a session.
struct JoinLimit {
    private struct Source {
        var joining = 0
        /// When the source would have used up its rate evenly; up to a burst ahead of now.
        var due: Instant
    }

    // Our choice.
    /// The span in which a source may begin as many joins as it may have under way at once.
    static let span: Milliseconds = 5_000
    /// Sources at once, each of which has a join under way or has begun one a moment ago.
    static let sourceLimit = 4096

    private var sources: [TransportAddress: Source] = [:]

    var count: Int { sources.count }

    /// The source an address belongs to; nil for this host itself, where a reverse proxy may speak for everyone.
    static func source(of address: TransportAddress?) -> TransportAddress? {
        guard let address, !address.isLoopback else { return nil }
        guard let (network, _) = address.ipv6 else { return address.with(port: 0) }
        return TransportAddress(ipv6: network, 0, port: 0)
    }

    /// Counts one more join.
    ///
    /// - Parameter limit: joins under way at once, and begun at once after a while without any.
    mutating func begin(_ source: TransportAddress, limit: Int, at now: Instant) throws(JoinRefusal) {
        if sources[source] == nil, sources.count >= Self.sourceLimit {
            sources = sources.filter { $0.value.joining > 0 || $0.value.due > now }
            guard sources.count < Self.sourceLimit else { throw .full }
        }
        var entry = sources[source] ?? Source(due: now)
        let interval = Milliseconds(nanoseconds: Self.span.nanoseconds / UInt64(limit))
        let due = max(entry.due, now) + interval
        guard entry.joining < limit, due <= now + Self.span else { throw .tooManyJoins }
        entry.joining += 1
        entry.due = due
        sources[source] = entry
    }

    /// A join has led to an open session, or to nothing.
    mutating func end(_ source: TransportAddress, at now: Instant) {
        guard var entry = sources[source] else { return }
        entry.joining -= 1
        sources[source] = entry.joining > 0 || entry.due > now ? entry : nil
    }
}
