import JOSE
import NIOCore
import TLS

/// The keys that a service publishes as a JWK set (RFC 7517 §5), kept for a while.
///
/// They are asked for again when they are old and when a token names one that is not among them, never more often than
/// `pause` allows. While the service does not answer, the last ones stay good.
public actor RemoteKeySet {
    // Our choice.
    /// Seconds for one answer.
    public static let patience = 5
    /// Seconds between two requests, whatever players send.
    static let pause: UInt64 = 30
    /// The same while there are no keys at all.
    static let firstPause: UInt64 = 5

    private let call: ServiceCall
    private let interval: UInt64
    private let report: @Sendable (String) -> Void
    private var keys: [VerificationKey]?
    private var fetchedAt: UInt64 = 0
    private var triedAt: UInt64?
    private var hasFailed = false
    private var fetching: Task<Void, Never>?

    /// - Parameters:
    ///   - trust: what `https` is verified by.
    ///   - interval: seconds after which keys are old.
    ///   - patience: seconds for one answer.
    ///   - report: takes a sentence each time they cannot be had.
    public init(
        at address: ServiceAddress, trust: TLSContext, interval: UInt64, patience: Int = patience,
        report: @escaping @Sendable (String) -> Void
    ) {
        call = ServiceCall(
            address: address, trust: trust, timeout: .seconds(Int64(patience)), longest: KeySet.longest)
        self.interval = interval
        self.report = report
    }

    /// The keys as they are known; nil while there never were any.
    ///
    /// Who needs them waits for old ones to be renewed, but not where the service did not answer last time.
    ///
    /// - Parameter now: in seconds since 1970.
    public func keys(at now: UInt64) async -> [VerificationKey]? {
        // A clock that was turned back makes them old, too.
        let isOld = keys == nil || now < fetchedAt || now - fetchedAt >= interval
        guard isOld else { return keys }
        let fetch = fetch(at: now)
        if keys == nil || !hasFailed { await fetch?.value }
        return keys
    }

    /// The keys asked for anew, because a token is signed with another; nil when that was done a moment ago.
    func renewedKeys(at now: UInt64) async -> [VerificationKey]? {
        guard let fetch = fetch(at: now) else { return nil }
        await fetch.value
        return keys
    }

    /// The request under way, or a new one; nil when the last was a moment ago.
    private func fetch(at now: UInt64) -> Task<Void, Never>? {
        if let fetching { return fetching }
        if let triedAt, now >= triedAt, now - triedAt < (keys == nil ? Self.firstPause : Self.pause) {
            return nil
        }
        triedAt = now
        let task = Task { await self.ask(at: now) }
        fetching = task
        return task
    }

    private func ask(at now: UInt64) async {
        do {
            let answer = try await call.get()
            guard answer.status == 200 else { throw ServiceFailure.unreachable("it answered \(answer.status)") }
            keys = try KeySet.keys(in: answer.body)
            fetchedAt = now
            hasFailed = false
        } catch {
            hasFailed = true
            let cause = error is KeyFault ? "its answer holds no key for RS256, ES256 or EdDSA" : "\(error)"
            let rest = keys == nil ? "until then nobody can join" : "those that were known stay in use"
            report("the keys of tokens cannot be fetched: \(cause); \(rest)")
        }
        fetching = nil
    }
}
