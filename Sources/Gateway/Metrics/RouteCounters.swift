import Primitives

/// What a route's sessions came to.
public struct RouteCounters: Sendable {
    public internal(set) var joins: UInt64 = 0
    public internal(set) var ends: [EndReason.Kind: UInt64] = [:]
    /// What its sessions carried and dropped.
    public internal(set) var carried = SessionCounters()
    /// In nanoseconds, of the sessions that got through a phase.
    public internal(set) var setup = Dictionary(
        uniqueKeysWithValues: SetupPhase.allCases.map { ($0, Histogram(microseconds: setupBounds)) })
    /// In nanoseconds: SCTP's and ENet's smoothed round-trip times, noted every `Session.sampleInterval` of play.
    public internal(set) var browserRoundTrip = Histogram(microseconds: roundTripBounds)
    public internal(set) var serverRoundTrip = Histogram(microseconds: roundTripBounds)
    /// Chunks of unreliable messages that were sent to browsers and given up.
    public internal(set) var abandonedChunks: UInt64 = 0
    /// In millionths, noted with the round-trip times.
    public internal(set) var serverLoss = Histogram(bounds: lossBounds)

    // Our choice.
    private static let setupBounds: [UInt64] = [
        1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000,
    ]
    private static let roundTripBounds: [UInt64] = [
        1_000, 2_500, 5_000, 10_000, 20_000, 35_000, 50_000, 75_000, 100_000, 150_000, 250_000, 500_000, 1_000_000,
    ]
    private static let lossBounds: [UInt64] = [0, 1_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000]
}

/// Where a route's sessions write what becomes of them.
final class RouteRecord {
    private(set) var counters = RouteCounters()
    /// What the last player who came to the server found there; nil before the first.
    var serverTookLastPlayer: Bool?

    func noteJoin() {
        counters.joins &+= 1
    }

    func noteSetup(_ phase: SetupPhase, took span: Milliseconds) {
        counters.setup[phase]?.note(span)
    }

    /// - Parameter abandoned: chunks that SCTP gave up since the last time.
    func noteBrowserLeg(roundTrip: Milliseconds, abandoned: UInt32) {
        counters.browserRoundTrip.note(roundTrip)
        counters.abandonedChunks &+= UInt64(abandoned)
    }

    func noteServerLeg(_ leg: ServerLeg) {
        counters.serverRoundTrip.note(leg.roundTripTime)
        counters.serverLoss.note(leg.lossPerMillion)
    }

    func noteEnd(_ reason: EndReason, carried: SessionCounters) {
        counters.ends[reason.kind, default: 0] &+= 1
        counters.carried.add(carried)
        if reason.kind.isServerMissing { serverTookLastPlayer = false }
    }
}
