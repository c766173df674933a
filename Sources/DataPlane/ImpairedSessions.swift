import Gateway
import Impairment
import Primitives

/// The impaired ways of those sessions whose page asked for it. Only the demo has such a table.
///
/// A session has an entry from the first time it asks until its end, so there are never more than sessions.
struct ImpairedSessions {
    private var ways: [SessionID: ImpairedWay] = [:]
    private var random: Seeds
    /// Drops of sessions that have ended.
    private var formerDrops = DropCounters()

    init(seed: UInt64) {
        random = Seeds(next: seed)
    }

    var isEmpty: Bool { ways.isEmpty }

    var nextDeadline: Instant? { ways.values.compactMap(\.nextDeadline).min() }

    var drops: DropCounters {
        ways.values.reduce(into: formerDrops) { $0.add($1.drops) }
    }

    func report(of session: SessionID) -> ImpairmentReport? { ways[session]?.report }

    mutating func set(_ impairment: Impairment, for session: SessionID) {
        ways[session, default: ImpairedWay(.none, seed: random.take())].impairment = impairment
    }

    /// What it held is lost: nobody is there any more to take it.
    mutating func forget(_ session: SessionID) {
        guard let way = ways.removeValue(forKey: session) else { return }
        formerDrops.add(way.drops)
        formerDrops.count(.sessionUnknown, times: UInt64(way.fromBrowser.count + way.toBrowser.count))
    }

    /// Takes a datagram from a browser; false when its way is not impaired.
    mutating func hold(
        _ datagram: UnsafeRawBufferPointer, from path: Path, of session: SessionID?, at now: Instant
    ) -> Bool {
        guard let session, ways[session] != nil else { return false }
        ways[session]?.fromBrowser.take(datagram, on: path, at: now)
        return true
    }

    /// Hands over what browsers sent and is due now. `deliver` returns why a datagram is not wanted any more.
    mutating func release(at now: Instant, _ deliver: (UnsafeRawBufferPointer, Path) -> DropReason?) {
        for session in ways.keys { ways[session]?.fromBrowser.release(at: now, deliver) }
    }

    /// Takes those packets out whose way is impaired, and puts in what is due now.
    mutating func exchange(
        _ packets: inout AddressedPackets<Path>, at now: Instant, sessionOf: (Path) -> SessionID?
    ) {
        var crossing = AddressedPackets<Path>()
        packets.forEach { packet, path in
            if let session = sessionOf(path), ways[session] != nil {
                ways[session]?.toBrowser.take(packet, on: path, at: now)
            } else {
                crossing.append(packet, to: path)
            }
        }
        for session in ways.keys {
            ways[session]?.toBrowser.release(at: now) { packet, path in
                crossing.append(packet, to: path)
                return nil
            }
        }
        packets = crossing
    }
}

/// Each session's own seed: the order of asking is all that decides.
private struct Seeds {
    var next: UInt64

    mutating func take() -> UInt64 {
        defer { next &+= 1 }
        return next
    }
}
