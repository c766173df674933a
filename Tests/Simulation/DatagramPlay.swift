import Bridge
import Gateway
import Primitives
import SDP
import SimulationSupport

/// One seed's player of a `udp://` route, over a random network.
final class DatagramPlay {
    private let world: SimulatedWorld
    private let server: SimulatedDatagramServer
    private let browser: SimulatedBrowser
    private let session: SessionID
    private let seed: UInt64
    private let isCalm: Bool
    private let stream: UInt16
    private var random: SeededRandom
    private var upwards = Way()
    private var downwards = Way()
    private var complaints: [String] = []

    /// What was sent one way, and how often each of it arrived. The bytes are random, so equal ones are the same.
    private struct Way {
        var sent: [[UInt8]: Int] = [:]
        var arrived: [[UInt8]: Int] = [:]
        var sentCount: UInt64 { UInt64(sent.values.reduce(0, +)) }
        var arrivedCount: UInt64 { UInt64(arrived.values.reduce(0, +)) }

        /// What came that was never sent, or came more often.
        var surplus: Int {
            arrived.reduce(0) { $0 + max(0, $1.value - sent[$1.key, default: 0]) }
        }
    }

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandom(seed: seed)
        isCalm = random.chance(perMille: 250)
        world = try SimulatedWorld(seed: seed, hasServer: false)
        server = world.addDatagramServer()
        server.echoes = false
        let isNegotiated = Bool.random(using: &random)
        stream = isNegotiated ? 3 : 0
        browser = try world.makeBrowser(
            channels: [.init(stream, ordered: false, limit: .retransmissions(0), negotiated: isNegotiated)],
            setup: .active)
        for host in [browser.address.host, SimulatedWorld.datagramServerAddress.host] {
            var link = LinkConditions(delay: Milliseconds(UInt64.random(in: 1...60, using: &random)))
            if !isCalm {
                link.jitter = Milliseconds(UInt64.random(in: 0...30, using: &random))
                link.loss = Int.random(in: 0...100, using: &random)
                // What the way to the server doubles, UDP shows double. What the way to the browser does, SCTP does not.
                if host == browser.address.host { link.duplication = Int.random(in: 0...100, using: &random) }
            }
            world.network.links[host] = link
        }
        session = try world.join(browser, route: "raw").session
    }

    /// What went wrong; empty when nothing did.
    func run() -> [String] {
        world.watch(seed: seed)
        guard world.play([session], within: 16_000) else { return ["it did not come in"] }
        for _ in 0..<60 {
            for _ in 0..<Int.random(in: 0...4, using: &random) { sendUp() }
            for _ in 0..<Int.random(in: 0...6, using: &random) { sendDown() }
            world.run(for: Milliseconds(UInt64.random(in: 0...60, using: &random)))
        }
        world.run(for: 5_000)
        browser.close()
        if !world.run(for: 30_000, until: { $0.core.sessionCount == 0 }) { complaints.append("it never ended") }
        world.run(for: 1_000)
        check()
        world.expectNothingLeft(seed: seed)
        return complaints
    }

    private func bytes() -> [UInt8] {
        // Now and then one too many.
        random.bytes(Int.random(in: 0...10, using: &random) == 0 ? 0 : Int.random(in: 8...1_500, using: &random))
    }

    private func sendUp() {
        let bytes = bytes()
        upwards.sent[bytes, default: 0] += 1
        browser.send(bytes, stream: stream, unordered: true, reliability: .retransmissions(0))
    }

    private func sendDown() {
        // As with any UDP, the player speaks first.
        guard let player = server.received.keys.first else { return }
        let bytes = bytes()
        downwards.sent[bytes, default: 0] += 1
        server.send(bytes, to: player)
    }

    private func check() {
        for datagram in server.received.values.joined() { upwards.arrived[datagram, default: 0] += 1 }
        for message in browser.received { downwards.arrived[message.payload, default: 0] += 1 }
        for (name, way) in [("to the server", upwards), ("to the browser", downwards)] {
            if way.surplus > 0 { complaints.append("\(way.surplus) \(name) were not sent, or came twice") }
            if way.arrivedCount == 0, way.sentCount > 20 { complaints.append("nothing came \(name)") }
            if way.arrived.keys.contains(where: { $0.count > Profile.datagramLimit }) {
                complaints.append("one \(name) was too large")
            }
        }
        guard isCalm, let counters = world.counters(of: session) else { return }
        let carried = counters.messagesToServer + counters.messagesToBrowser
        let dropped = counters.drops.total - counters.drops[.dtlsRecordRejected]
        if upwards.sentCount + downwards.sentCount != carried + dropped
            || upwards.arrivedCount + downwards.arrivedCount != carried
        {
            complaints.append(
                "sent \(upwards.sentCount) up and \(downwards.sentCount) down, carried \(carried), arrived "
                    + "\(upwards.arrivedCount) and \(downwards.arrivedCount), dropped \(counters.drops.nonZero)")
        }
    }
}
