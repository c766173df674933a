import NIOCore
import NIOHTTP1
import Primitives
import Synchronization

/// Who may ask for what operators see: no page of another site, and nobody without the token.
final class AdminGate: Sendable {
    private struct State {
        /// What wrong tokens take from.
        var guesses = TokenBucket(rate: guessRate)
        /// Connections on which the right token came, the latest last.
        var known: [TransportAddress] = []
    }

    // Our choice.
    /// Wrong tokens in a second. Further ones are not even looked at, so that a guess cannot come through.
    static let guessRate = 5
    /// Connections that are remembered.
    private static let knownLimit = 32

    private let token: AdminTokenInUse
    private let state = Mutex(State())

    init(token: AdminTokenInUse) {
        self.token = token
    }

    var wrongTokens: UInt64 { token.wrongCount }

    // MARK: - Whose page asks

    /// Why a request is not answered whatever it asks for; nil when it may be.
    ///
    /// A page elsewhere can make its own name lead to this machine (DNS rebinding), and then passes for a page of ours; but
    /// the name stays its own.
    static func refusal(ofHostIn headers: HTTPHeaders) -> HTTPResponse? {
        guard let host = headers.first(name: "host"), isLocal(host) else {
            return HTTPResponse(
                .forbidden, "The Host header must be localhost or a loopback address; open the page under one of these."
            )
        }
        guard let origin = headers.origin, origin != "http://\(host)", origin != "https://\(host)" else { return nil }
        return otherSite
    }

    /// The same for what only the page itself has a use for.
    static func refusal(ofSiteIn headers: HTTPHeaders) -> HTTPResponse? {
        // Fetch Metadata: `none` is a person's own doing.
        guard let site = headers.first(name: "sec-fetch-site"), site != "same-origin", site != "none" else {
            return nil
        }
        return otherSite
    }

    private static let otherSite = HTTPResponse(
        .forbidden, "Pages of other sites may not ask here; use the admin page itself, or a program.")

    /// Whether a Host header names this machine. The port may be a tunnel's.
    static func isLocal(_ host: String) -> Bool {
        let pattern = #/(?:(?<name>[^:\[\]]+)|\[(?<ipv6>[0-9A-Fa-f:.]+)\])(?::[0-9]{1,5})?/#
        guard let match = host.wholeMatch(of: pattern), let written = match.name ?? match.ipv6 else { return false }
        if written.lowercased() == "localhost" { return true }
        return TransportAddress(literal: String(written), port: 0)?.isLoopback == true
    }

    // MARK: - Who asks

    /// Why a request is not answered to who sent it; nil for who shows the token.
    ///
    /// - Parameter source: the connection. One that showed the right token before has nothing to fear from others who guess.
    func refusal(
        of headers: HTTPHeaders, from source: TransportAddress?, at now: Instant = Instant(.now())
    ) -> HTTPResponse? {
        guard let shown = headers.bearerToken else { return Self.tokenMissing }
        return state.withLock { state in
            let isKnown = state.known.contains { $0 == source }
            guard isKnown || state.guesses.allows(at: now) else { return Self.tooManyGuesses }
            state.known.removeAll { $0 == source }
            guard token.isRight(shown) else {
                _ = state.guesses.allows(at: now)
                state.guesses.take(1)
                return Self.tokenWrong
            }
            if let source { state.known.append(source) }
            if state.known.count > Self.knownLimit { state.known.removeFirst() }
            return nil
        }
    }

    // RFC 6750 §3: who sends no token is not told of an error.
    private static let tokenMissing = HTTPResponse(
        .unauthorized, "The token is missing; send the one of --admin-token-file as Authorization: Bearer TOKEN.",
        headers: ["WWW-Authenticate": #"Bearer realm="torii admin""#])
    private static let tokenWrong = HTTPResponse(
        .unauthorized, "The token is wrong; send the one in the file that --admin-token-file names.",
        headers: ["WWW-Authenticate": #"Bearer realm="torii admin", error="invalid_token""#])
    private static let tooManyGuesses = HTTPResponse(
        .tooManyRequests, "Too many wrong tokens came; try again in a second.", headers: ["Retry-After": "1"])
}

extension Instant {
    fileprivate init(_ deadline: NIODeadline) {
        self.init(nanoseconds: UInt64(max(deadline.uptimeNanoseconds, 0)))
    }
}
