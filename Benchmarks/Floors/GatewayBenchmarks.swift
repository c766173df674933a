import Gateway
import Primitives
import SDP
import STUN
import SimulationSupport

/// The core with simulated browsers and a simulated server, whose own instructions are not counted.
enum GatewayBenchmarks {
    static let all = [
        MicroBenchmark(
            name: "gateway.message", meaning: "a message of 100 bytes of 10 players at 20 Hz, there and back, each way",
            rounds: 100, parts: 2
        ) {
            var players = try GatewayPlayers(count: 10)
            return { try players.sendNext() }
        },
        MicroBenchmark(
            name: "gateway.silence", meaning: "a second of a player who says nothing: checks, pings, ticks", rounds: 3,
            parts: 20
        ) {
            let players = try GatewayPlayers(count: 20)
            return { players.wait() }
        },
        MicroBenchmark(
            name: "gateway.tick", meaning: "of it, a tick with nothing to do, for each session", rounds: 10, parts: 20
        ) {
            // The pings to the server have just gone, all at once; the next are due in 400 ms.
            var players = try GatewayPlayers(count: 20, warmUp: 2_100)
            return { players.tick() }
        },
        MicroBenchmark(name: "gateway.check", meaning: "a browser's consent check: its session found, answered") {
            var players = try GatewayPlayers(count: 20)
            return { players.check() }
        },
        MicroBenchmark(
            name: "gateway.join", meaning: "a join, its offer read before, and the end of it", rounds: 50
        ) {
            var players = try GatewayPlayers(count: 0)
            let offer = try DataChannelDescription(
                offer: SessionDescription(parsing: fixture("sdp/chromium-data.sdp")))
            return { try players.comeAndGo(offer) }
        },
    ]
}

private struct GatewayPlayers {
    private let world: SimulatedWorld
    private var browsers: [SimulatedBrowser] = []
    private var checks: [(bytes: [UInt8], path: Path)] = []
    private var next = 0
    private var outbox = Outbox()
    /// Of the core alone, once it is driven without its world.
    private var now: Instant

    init(count: Int, warmUp: Milliseconds = 2_000) throws {
        world = try SimulatedWorld(seed: 1)
        now = world.now
        var sessions: [SessionID] = []
        for _ in 0..<count {
            let browser = try world.makeBrowser(channels: [
                .init(0, label: "0", ordered: false, limit: .retransmissions(0))
            ])
            let answer = try world.join(browser, route: "plain")
            sessions.append(answer.session)
            browsers.append(browser)
            checks.append((try Self.check(answer.sdp), .udp(browser.address)))
        }
        expect(world.play(sessions), "A player did not come in.")
        // So that windows have grown and what is made once is made.
        world.run(for: warmUp)
        world.forgetThePast()
        now = world.now
        world.aroundCore = { counted($0) }
    }

    private static func check(_ answer: String) throws -> [UInt8] {
        let credentials = try DataChannelDescription(answer: SessionDescription(parsing: answer)).credentials
        return STUNMessageBuilder.bindingRequest(
            TransactionID(high: 1, low: 2), to: credentials.ufrag, password: credentials.password, from: "peer",
            role: .controlling(tieBreaker: 1), priority: 1, useCandidate: true)
    }

    private var carried: UInt64 {
        world.metrics.routes.reduce(0) { sum, route in
            sum + route.counters.carried.messagesToServer + route.counters.carried.messagesToBrowser
        }
    }

    mutating func sendNext() throws {
        browsers[next % browsers.count].send(message, stream: 0, unordered: true, reliability: .retransmissions(0))
        next += 1
        world.run(for: Milliseconds(50 / UInt64(browsers.count)))
        if next.isMultiple(of: 20) { world.forgetThePast() }
    }

    func wait() {
        world.run(for: 1_000)
        world.forgetThePast()
    }

    mutating func tick() {
        now = now + 10
        VirtualTime.set(now)
        counted { settle() }
        expect(outbox.toBrowsers.isEmpty && outbox.toServers.isEmpty, "There was something to do.")
    }

    private mutating func settle() {
        world.core.advance(to: now)
        while world.core.settle(at: now, into: &outbox) {}
    }

    mutating func check() {
        let check = checks[next % checks.count]
        next += 1
        counted {
            check.bytes.withUnsafeBytes { world.core.receive($0, from: check.path, at: now, into: &outbox) }
            settle()
        }
        expect(outbox.toBrowsers.count == 1, "The check was not answered.")
        outbox.removeAll()
    }

    mutating func comeAndGo(_ offer: DataChannelDescription) throws {
        now = now + 1
        counted {
            do {
                let answer = try world.core.join(
                    JoinRequest(route: "plain", peerID: nil, offer: offer), at: now, into: &outbox)
                _ = world.core.leave(answer.session, at: now)
                settle()
            } catch {
                preconditionFailure("The join was refused: \(error)")
            }
        }
        expect(world.core.sessionCount == 0, "The session is still there.")
        outbox.removeAll()
    }
}
