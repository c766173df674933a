import ENet
import Gateway
import Primitives
import SDP
import SimulationSupport

/// One seed's world: who plays, over what network, what happens to it, and how it ends.
final class RandomPlay {
    enum Ending: CaseIterable {
        case pageCloses, pageVanishes, pageDeletes, serverKicks, serverVanishes, gatewayStops
    }

    let world: SimulatedWorld
    let description: String
    private let seed: UInt64
    private var random: SeededRandom
    private let isGodot: Bool
    private let isCalm: Bool
    /// The browsers' legs lose nothing, so that what happened behind the gateway can be counted.
    private let sparesBrowsers: Bool
    private let isSecured: Bool
    private let ending: Ending
    private(set) var players: [Traffic] = []
    private var complaints: [String] = []

    /// - Parameters:
    ///   - sparesBrowsers: the browsers' legs lose nothing.
    ///   - isSecured: the server speaks DTLS.
    init(seed: UInt64, sparesBrowsers: Bool = false, isSecured: Bool = false) throws {
        self.seed = seed
        self.sparesBrowsers = sparesBrowsers
        self.isSecured = isSecured
        var random = SeededRandom(seed: seed)
        isGodot = Bool.random(using: &random)
        isCalm = random.chance(perMille: 250) && !sparesBrowsers
        ending = Ending.allCases[Int.random(in: Ending.allCases.indices, using: &random)]
        // A server of libenet's usual patience would now and then give up a player on a network this rough, and rightly.
        var server = ServerConfiguration()
        server.acknowledgementTimeout = 30_000
        world = try SimulatedWorld(
            seed: seed, serverConfiguration: server, front: isSecured ? try SecuredFront() : nil)
        world.server.behaviour = .listens
        let setup: DTLSSetup = [.actpass, .active, .passive][Int.random(in: 0..<3, using: &random)]
        // Its own generator: the plays of before stay as they were.
        var snap = SeededRandom(seed: seed ^ 0x736E_6170)
        let offersSNAP = snap.chance(perMille: 300)
        description =
            "\(isGodot ? "godot" : "plain"), \(isCalm ? "calm" : "rough"), offers \(setup)\(offersSNAP ? " and SNAP" : ""), \(ending)"
        // The gateway would rather be the DTLS server, and with SNAP the client.
        let isClient = setup == .active || (setup == .actpass && !offersSNAP)
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            let browser = try world.makeBrowser(
                channels: isGodot ? SimulatedBrowser.Channel.godot : Lane.labelledChannels(isClient: isClient),
                setup: setup, offersSNAP: offersSNAP)
            world.network.links[browser.address.host] = Self.link(
                isCalm: isCalm || sparesBrowsers, longest: 80, loss: 80, &random)
            let answer = try world.join(browser, route: isGodot ? "godot" : "plain")
            if browser.isAccelerated != offersSNAP { complaints.append("SNAP was not answered as it was offered") }
            players.append(
                Traffic(
                    browser: browser, session: answer.session, peerID: answer.peerID ?? 0,
                    lanes: isGodot ? Lane.godot : Lane.labelled(isClient: isClient)))
            // Without ids the server cannot tell players apart.
            if !isGodot { break }
        }
        world.network.links[SimulatedWorld.serverAddress.host] = Self.link(
            isCalm: isCalm, longest: 30, loss: 80, &random)
        self.random = random
    }

    /// What went wrong; empty when nothing did.
    func run() -> [String] {
        world.watch(seed: seed)
        let sessions = players.map(\.session)
        guard world.run(for: 16_000, until: { world in sessions.allSatisfy { world.core.status(of: $0) == .playing } })
        else {
            return ["not everyone came in: \(sessions.map { world.core.status(of: $0).map { "\($0)" } ?? "?" })"]
        }
        beginCorruption()
        play()
        finish()
        end()
        return complaints
    }

    private static func link(isCalm: Bool, longest: UInt64, loss: Int, _ random: inout SeededRandom) -> LinkConditions {
        var link = LinkConditions(delay: Milliseconds(UInt64.random(in: 1...longest, using: &random)))
        guard !isCalm else { return link }
        link.jitter = Milliseconds(UInt64.random(in: 0...25, using: &random))
        link.loss = Int.random(in: 0...loss, using: &random)
        link.duplication = Int.random(in: 0...30, using: &random)
        return link
    }

    /// Only now: before DTLS is up one flipped bit may rightly end it. And never on the server's leg: DTLS there is not the
    /// rule and neither Godot nor libenet by itself uses ENet's checksum, so a flipped bit arrives as if it had been sent.
    /// What must hold even then is in ServerLegTests.
    private func beginCorruption() {
        guard !isCalm, !sparesBrowsers else { return }
        for player in players {
            world.network.links[player.browser.address.host]?.corruption = Int.random(in: 0...20, using: &random)
        }
        // ENet alone would take what is damaged for what was sent.
        guard isSecured else { return }
        world.network.links[SimulatedWorld.serverAddress.host]?.corruption = Int.random(in: 0...20, using: &random)
    }

    private func play() {
        for _ in 0..<40 {
            for player in players {
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    let lane = player.lanes.indices.randomElement(using: &random) ?? 0
                    player.sendToServer(lane: lane, size: size(on: player.lanes[lane]))
                }
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    let lane = player.lanes.indices.randomElement(using: &random) ?? 0
                    player.sendToBrowser(lane: lane, size: size(on: player.lanes[lane]), from: world.server)
                }
            }
            if !isCalm { disturb() }
            world.run(for: 40)
        }
    }

    private func size(on lane: Lane) -> Int {
        if lane.isReliable, random.chance(perMille: 30) { return Int.random(in: 5...60_000, using: &random) }
        return Int.random(in: 5...1200, using: &random)
    }

    private func disturb() {
        guard !sparesBrowsers else { return disturbServer() }
        guard let player = players.randomElement(using: &random) else { return }
        if random.chance(perMille: 15) {
            world.rebind(player.browser)
        }
        // A move to another network, which the browser answers with an ICE restart; one that ended meanwhile cannot.
        if random.chance(perMille: 5), world.endReason(of: player.session) == nil {
            world.rebind(player.browser)
            do {
                try world.restartICE(player.browser, player.session)
            } catch {
                complaints.append("ICE could not be restarted: \(error)")
            }
        }
        if random.chance(perMille: 10) {
            let host = Bool.random(using: &random) ? player.browser.address : SimulatedWorld.serverAddress
            world.network.blackouts[host.host] =
                world.now + Milliseconds(UInt64.random(in: 100...2_000, using: &random))
        }
    }

    private func disturbServer() {
        guard random.chance(perMille: 10) else { return }
        world.network.blackouts[SimulatedWorld.serverAddress.host] =
            world.now + Milliseconds(UInt64.random(in: 100...2_000, using: &random))
    }

    /// Everything reliable must arrive, however bad the network was.
    private func finish() {
        let server = world.server
        let players = players
        world.run(for: 40_000) { _ in
            for player in players { player.collect(from: server) }
            return players.allSatisfy(\.reliableIsComplete)
        }
        // What is unreliable may still be under way.
        world.run(for: 500)
        for player in players {
            complaints += player.complaints
            if !player.reliableIsComplete { complaints.append("not all that is reliable arrived: \(player.progress)") }
            if let reason = world.endReason(of: player.session) { complaints.append("ended too early: \(reason)") }
        }
    }

    private func end() {
        guard complaints.isEmpty else { return }
        for player in players { end(player) }
        if !world.run(for: 60_000, until: { $0.core.sessionCount == 0 }) { complaints.append("a session never ended") }
        // Timers of whoever has to find out alone: the server's 30 s, which libenet looks at when it repeats something
        // at last, and ICE's 15 s.
        world.run(for: 100_000) { [players] world in
            world.server.players.isEmpty && players.allSatisfy { $0.browser.end != nil }
        }
        for player in players { checkEnd(of: player) }
        for player in players { complaints += miscounts(of: player) }
        complaints += MetricsCheck(of: world).contradictions
        world.expectNothingLeft(seed: seed)
    }

    private func end(_ player: Traffic) {
        switch ending {
        case .pageCloses: player.browser.close()
        case .pageVanishes: player.browser.vanish()
        case .pageDeletes: world.ask { core, now in _ = core.leave(player.session, at: now) }
        case .serverKicks: if let id = world.server.player(player.peerID) { world.server.kick(id) }
        case .serverVanishes: world.server.isGone = true
        case .gatewayStops: world.ask { core, now in core.stop(at: now) }
        }
    }

    private func checkEnd(of player: Traffic) {
        let ends = world.events.count { event in
            guard event.session == player.session, case .ended = event.kind else { return false }
            return true
        }
        if ends != 1 { complaints.append("\(ends) ends of one session") }
        let allowed: [EndReason] =
            switch ending {
            // A lost ABORT and close_notify look like a page that vanished.
            case .pageCloses:
                isCalm || sparesBrowsers ? [.browserClosed] : [.browserClosed, .browserVanished, .sctpFailed]
            case .pageVanishes: [.browserVanished]
            case .pageDeletes: [.playerLeft]
            // A kick waits for what is queued: libenet waits longer with each loss, gives up after 30 s and says nothing.
            case .serverKicks:
                world.server.gaveUp.contains(player.peerID) ? [.serverVanished] : [.serverClosed(data: 0)]
            case .serverVanishes: [.serverVanished]
            case .gatewayStops: [.gatewayStopping]
            }
        let reason = world.endReason(of: player.session)
        if !allowed.contains(where: { $0 == reason }) { complaints.append("ended as \(String(describing: reason))") }
        if player.browser.end == nil { complaints.append("the browser never learned of the end") }
        if !world.server.isGone, !world.server.players.isEmpty { complaints.append("the server never learned of it") }
    }

    /// What the session's counters say must be what both ends saw.
    private func miscounts(of player: Traffic) -> [String] {
        guard let counters = world.counters(of: player.session) else { return [] }
        player.collect(from: world.server)
        let count = TrafficCount(of: player, counters)
        return count.contradictions
            + (isCalm ? count.losses : sparesBrowsers ? count.lossesBeforeTheServersLeg : [])
    }
}
