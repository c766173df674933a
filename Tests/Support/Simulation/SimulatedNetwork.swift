import Primitives

/// What a link does to the datagrams on it.
public struct LinkConditions: Sendable {
    /// One way.
    public var delay: Milliseconds
    /// Up to this much more, by chance; more than the gap between datagrams reorders them.
    public var jitter: Milliseconds
    /// Of a thousand datagrams.
    public var loss = 0
    public var duplication = 0
    /// Of a thousand datagrams, how many have one bit flipped.
    public var corruption = 0
    /// Bytes per second each way; nil is no limit. What waits longer than `queueLength` is lost.
    public var rate: Int?
    public var queueLength: Milliseconds = 500

    public init(delay: Milliseconds = 10, jitter: Milliseconds = 0) {
        self.delay = delay
        self.jitter = jitter
    }
}

/// What a link did so far, in datagrams.
public struct LinkFaults: Sendable {
    public var lost = 0
    public var duplicated = 0
    /// Arrived before one that was sent earlier.
    public var overtaking = 0
    public var damaged = 0
    /// Sent into a blackout.
    public var cutOff = 0
}

/// Datagrams under way in virtual time.
public struct SimulatedNetwork {
    public struct Datagram {
        public let due: Instant
        public let source: TransportAddress
        public let destination: TransportAddress
        public let bytes: [UInt8]
    }

    private struct Direction: Hashable {
        let source: TransportAddress
        let destination: TransportAddress
    }

    /// By host: the conditions of the link that joins it to the gateway.
    public var links: [String: LinkConditions] = [:]
    /// Hosts that are cut off, and until when.
    public var blackouts: [String: Instant] = [:]
    /// Whether a datagram, from here to there, gets lost beside those that chance takes.
    public var loses: ((_ bytes: [UInt8], _ source: TransportAddress, _ destination: TransportAddress) -> Bool)?
    /// By host, like the links.
    public private(set) var faults: [String: LinkFaults] = [:]
    public private(set) var sent = 0
    public private(set) var sentBytes = 0

    /// Sorted, the next due last.
    private var underWay: [Datagram] = []
    /// The text of an address takes long to make, and each datagram asks for two.
    private var hosts: [TransportAddress: String] = [:]
    private var freeAt: [Direction: Instant] = [:]
    private var random: SeededRandom

    public init(random: SeededRandom) {
        self.random = random
    }

    /// Forgets the names of hosts that are nobody's any more.
    mutating func forgetThePast() {
        hosts.removeAll(keepingCapacity: true)
    }

    public var nextDue: Instant? { underWay.last?.due }

    /// Takes out the next datagram due by `now`.
    public mutating func next(at now: Instant) -> Datagram? {
        guard let last = underWay.last, last.due <= now else { return nil }
        return underWay.removeLast()
    }

    public mutating func send(
        _ bytes: [UInt8], from source: TransportAddress, to destination: TransportAddress, at now: Instant
    ) {
        sent += 1
        sentBytes += bytes.count
        let (near, far) = (host(of: source), host(of: destination))
        let end = links[near] != nil ? near : far
        let link = links[end] ?? LinkConditions()
        guard !isCutOff(near, now), !isCutOff(far, now) else {
            faults[end, default: LinkFaults()].cutOff += 1
            return
        }
        guard !random.chance(perMille: link.loss), loses?(bytes, source, destination) != true else {
            faults[end, default: LinkFaults()].lost += 1
            return
        }
        let copies = random.chance(perMille: link.duplication) ? 2 : 1
        if copies == 2 { faults[end, default: LinkFaults()].duplicated += 1 }
        for _ in 0..<copies {
            guard let departure = departure(of: bytes.count, source, destination, link, at: now) else { return }
            var arrival = departure + link.delay
            if link.jitter.nanoseconds > 0 {
                arrival =
                    arrival
                    + Milliseconds(nanoseconds: UInt64.random(in: 0..<link.jitter.nanoseconds, using: &random))
            }
            let carried = damaged(bytes, link)
            if carried != bytes { faults[end, default: LinkFaults()].damaged += 1 }
            let place = insert(Datagram(due: arrival, source: source, destination: destination, bytes: carried))
            // What lies before it in the list arrives after it.
            if link.jitter.nanoseconds > 0,
                underWay[..<place].contains(where: { $0.source == source && $0.destination == destination })
            {
                faults[end, default: LinkFaults()].overtaking += 1
            }
        }
    }

    private mutating func host(of address: TransportAddress) -> String {
        if let host = hosts[address] { return host }
        let host = address.host
        hosts[address] = host
        return host
    }

    private func isCutOff(_ host: String, _ now: Instant) -> Bool {
        guard !blackouts.isEmpty else { return false }
        return blackouts[host].map { now < $0 } ?? false
    }

    private mutating func departure(
        of count: Int, _ source: TransportAddress, _ destination: TransportAddress, _ link: LinkConditions,
        at now: Instant
    ) -> Instant? {
        guard let rate = link.rate else { return now }
        let direction = Direction(source: source, destination: destination)
        let start = max(now, freeAt[direction] ?? now)
        guard start.since(now) <= link.queueLength else { return nil }
        let end = start + Milliseconds(nanoseconds: UInt64(count) * 1_000_000_000 / UInt64(rate))
        freeAt[direction] = end
        return end
    }

    private mutating func damaged(_ bytes: [UInt8], _ link: LinkConditions) -> [UInt8] {
        guard !bytes.isEmpty, random.chance(perMille: link.corruption) else { return bytes }
        var bytes = bytes
        bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        return bytes
    }

    /// Datagrams of the same time keep their order. Returns the place in the list.
    private mutating func insert(_ datagram: Datagram) -> Int {
        var low = 0
        var high = underWay.count
        while low < high {
            let middle = (low + high) / 2
            if underWay[middle].due > datagram.due {
                low = middle + 1
            } else {
                high = middle
            }
        }
        underWay.insert(datagram, at: low)
        return low
    }
}
