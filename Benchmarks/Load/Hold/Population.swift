import BenchmarkPlayers
import Primitives
import SimulationSupport

/// All players at a time: those who come, play and go.
final class Population {
    private(set) var players: [UInt64: HoldPlayer] = [:]
    var totals = Totals()
    /// Whether a server has been down lately, or the like, which explains ends that nobody planned.
    var isTrouble: (Instant) -> Bool = { _ in false }
    private let gateway: Gateway
    private let requests: Requests
    private let poll: SocketPoll
    private let browsers: WebBrowsers
    private var random: SeededRandom
    private var count = 0
    private static let portCount = 60_000

    init(_ gateway: Gateway, _ requests: Requests, _ poll: SocketPoll, seed: UInt64) throws {
        self.gateway = gateway
        self.requests = requests
        self.poll = poll
        browsers = try WebBrowsers()
        random = SeededRandom(seed: seed)
    }

    func player(_ token: UInt64) -> HoldPlayer? { players[token] }

    func join() {
        count += 1
        totals.joins += 1
        let token = UInt64(count)
        let player = HoldPlayer(
            number: count, port: count % Self.portCount, plan: PlayerPlan(using: &random), browsers: browsers)
        players[token] = player
        let offer = HTTPRequest("POST", "/join/world", type: "application/sdp", body: player.offer)
        requests.send(offer, to: gateway.addresses.http) { [self] answer in
            do throws(LoadError) {
                let reply = try answer.get()
                guard reply.status == 201, let session = reply.header("Location") else {
                    refused("\(reply.status)", reply.body, token)
                    return
                }
                try begin(player, token, session: session, answer: reply.body)
            } catch {
                refused("no answer", error.sentence, token)
            }
        }
    }

    /// An offer whose browser never comes.
    func joinAndForget() {
        let browser = browsers.make(number: Self.portCount + 1)
        let offer = HTTPRequest("POST", "/join/world", type: "application/sdp", body: browser.makeOffer())
        requests.send(offer, to: gateway.addresses.http) { _ in }
    }

    private func begin(_ player: HoldPlayer, _ token: UInt64, session: String, answer: String) throws(LoadError) {
        do {
            try player.start(session: session, answer: answer, gateway: gateway.addresses, at: Clock.now)
            try watch(player, token)
        } catch {
            throw error as? LoadError ?? LoadError("An answer cannot be used: \(error)")
        }
    }

    private func watch(_ player: HoldPlayer, _ token: UInt64) throws {
        if let way = player.way { try poll.watch(way.descriptor, as: token) }
    }

    private func refused(_ status: String, _ sentence: String, _ token: UInt64) {
        totals.refusals["\(status): \(sentence)", default: 0] += 1
        players[token] = nil
    }

    func tick(at now: Instant) {
        for (token, player) in players {
            do {
                if try player.tick(at: now) {
                    totals.moves += 1
                    try watch(player, token)
                }
            } catch {
                totals.problems.append("A player could not go on: \(error).")
            }
            if case .over(let outcome) = player.stage { settle(player, token, outcome, at: now) }
        }
    }

    /// Accounts for one who plays no more.
    private func settle(_ player: HoldPlayer, _ token: UInt64, _ outcome: HoldPlayer.Outcome, at now: Instant) {
        players[token] = nil
        totals.add(player)
        if player.ledger.sent > 0 { totals.reachedPlay += 1 }
        switch outcome {
        case .left:
            totals.ends["left by plan", default: 0] += 1
            if case .delete = player.plan.ending { delete(player.session, wasTrouble: isTrouble(now)) }
        case .vanished:
            totals.ends["vanished by plan", default: 0] += 1
            totals.underWay["the player vanished by plan", default: 0] += player.ledger.underWay
        case .unanswered:
            totals.problems.append(
                "Player \(player.number)'s last messages did not come back in a minute: \(player.plan), "
                    + "\(player.ledger.underWay) under way, \(player.browser.unsentCount) unsent, "
                    + "\(String(describing: player.browser.sendBuffer)), until \(now.nanoseconds / 1_000_000_000) s.")
            totals.ends["given up", default: 0] += 1
            requests.send(HTTPRequest("GET", player.session), to: gateway.addresses.http) { [self] answer in
                totals.problems.append(
                    "Of player \(player.number) the gateway said \((try? answer.get())?.body ?? "nothing").")
            }
        case .ended: ask(player, wasTrouble: isTrouble(now))
        }
    }

    private func delete(_ session: String, wasTrouble: Bool) {
        requests.send(HTTPRequest("DELETE", session), to: gateway.addresses.http) { [self] answer in
            if case .success(let reply) = answer, reply.status == 200 { return }
            // Its server had just gone, and the session with it.
            if wasTrouble, case .success(let reply) = answer, reply.status == 404 { return }
            totals.problems.append("Leaving by DELETE was answered with \(answer).")
        }
    }

    /// Why the gateway ended it.
    private func ask(_ player: HoldPlayer, wasTrouble: Bool) {
        let signs = player.browser.signs
        requests.send(HTTPRequest("GET", player.session), to: gateway.addresses.http) { [self] answer in
            let body = (try? answer.get())?.body ?? ""
            let code = body.firstMatch(of: #/"code":"([a-z-]+)"/#).map { String($0.1) } ?? "not yet for the gateway"
            totals.ends[code, default: 0] += 1
            totals.underWay[code, default: 0] += player.ledger.underWay
            if !isExplained(code, for: player, wasTrouble: wasTrouble) {
                totals.problems.append(
                    "Player \(player.number)'s session ended as \(code) (\(body)), which nothing planned: \(player.plan), \(signs), "
                        + "\(player.ledger.sent) reliable sent, \(player.ledger.underWay) under way.")
            }
        }
    }

    private func isExplained(_ code: String, for player: HoldPlayer, wasTrouble: Bool) -> Bool {
        // One that is killed as soon as it has answered CONNECT, and is there again at once, knows the player no more.
        if wasTrouble, ["server-vanished", "server-not-there", "server-refused"].contains(code) { return true }
        // Nothing protects a handshake's messages on their way but UDP's checksum, which is right here: whoever can change
        // them can end the join (RFC 6347 §4.1.2.7).
        let handshakeEnds = ["dtls-failed", "join-timed-out-dtls", "certificate-mismatch"]
        return player.plan.faults.changed > 0 && player.ledger.sent == 0
            && (handshakeEnds.contains(code) || player.browser.signs.contains(.dtlsFailed))
    }

    /// Everybody is to leave, each by its plan.
    func hurry(at now: Instant) { players.values.forEach { $0.hurry(at: now) } }
}
