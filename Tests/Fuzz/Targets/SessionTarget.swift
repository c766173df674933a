import ENet
import Gateway
import Primitives
import SCTP
import SimulationSupport

/// One player who comes in, then does what the bytes say, and has to be gone at the end.
///
/// The first byte sets the stage; what follows is a script, see SessionScript.swift.
func fuzzSession(_ bytes: UnsafeRawBufferPointer) throws(Breach) {
    var script = ScriptReader(bytes)
    let play = try SessionPlay(stage: script.byte())
    var steps = 0
    while !script.isAtEnd, steps < SessionPlay.stepLimit {
        steps += 1
        play.step(&script)
        try play.wait(1)
    }
    try play.finish()
}

/// The simulated world with its one player, and what the script has set up in it.
final class SessionPlay {
    static let stepLimit = 80
    /// Virtual time one script may spend.
    private static let patience: Milliseconds = .seconds(40)

    let world: SimulatedWorld
    let browser: SimulatedBrowser
    let answer: JoinAnswer
    /// The start of the newest SCTP packet the browser made: its ports and verification tag.
    private(set) var header: [UInt8] = []
    /// Recent SCTP packets of the browser's, for replays.
    private(set) var sent: [[UInt8]] = []
    /// What happens to the browser's next SCTP packets.
    var misdeeds: [Misdeed] = []
    private var breach: String?
    private let end: Instant

    enum Misdeed {
        case lose, double, replayOld
        case flip(offset: Int, with: UInt8)
        case cut(to: Int)
    }

    init(stage: UInt8) throws(Breach) {
        do {
            world = try SimulatedWorld(seed: 1)
            let isGodot = stage & 1 == 0
            let channels: [SimulatedBrowser.Channel] = [
                .init(0, label: "0"), .init(2, label: "unreliable/1", ordered: false, limit: .retransmissions(0)),
            ]
            browser = try world.makeBrowser(
                channels: isGodot ? SimulatedBrowser.Channel.godot : channels,
                setup: stage & 2 == 0 ? .actpass : stage & 4 == 0 ? .active : .passive, offersSNAP: stage & 16 != 0)
            world.server.behaviour = stage & 8 == 0 ? .echoes : .listens
            for address in [browser.address, SimulatedWorld.serverAddress] {
                world.network.links[address.host] = LinkConditions(delay: 2)
            }
            answer = try world.join(browser, route: isGodot ? "godot" : "plain")
        } catch {
            throw Breach(description: "the player could not join: \(error)")
        }
        end = world.now + Self.patience
        browser.forge = { [unowned self] in forge($0) }
        world.afterStep = { [unowned self] in breach = breach ?? $0.breach }
        try demand(world.play([answer.session]), "the player did not come in")
    }

    /// Lets time pass, as far as patience goes.
    func wait(_ span: Milliseconds) throws(Breach) {
        guard world.now < end else { return }
        let target = world.now + span
        world.run(for: span)
        try demand(world.now >= target, "time does not pass any more")
        if let breach { throw Breach(description: breach) }
        switch world.core.status(of: answer.session) {
        case .joining, .connecting: throw Breach(description: "a player who was in is not in yet")
        case nil: throw Breach(description: "nobody knows of the session")
        case .ended: try demand(world.endReason(of: answer.session) != nil, "the session ended without a word")
        case .playing, .ending: break
        }
    }

    /// The session lives, or has ended for a reason; and when it has ended nothing of it is left.
    func finish() throws(Breach) {
        _ = world.ask { core, now in core.leave(answer.session, at: now) }
        world.run(for: .seconds(5)) { $0.core.sessionCount == 0 }
        if let breach { throw Breach(description: breach) }
        let ends = world.events.count { event in
            if case .ended = event.kind { true } else { false }
        }
        try demand(ends == 1, "one session has \(ends) ends")
        browser.vanish()
        world.run(for: 100)
        if let leftover = world.leftover { throw Breach(description: "left behind: \(leftover)") }
    }

    private func forge(_ packet: [UInt8]) -> [[UInt8]] {
        header = Array(packet.prefix(SCTPPacket.headerLength))
        if sent.count == 16 { sent.removeFirst() }
        sent.append(packet)
        guard !misdeeds.isEmpty else { return [packet] }
        switch misdeeds.removeFirst() {
        case .lose: return []
        case .double: return [packet, packet]
        case .replayOld: return [sent[0], packet]
        case .flip(let offset, let mask):
            var forged = packet
            forged[SCTPPacket.headerLength + offset % max(1, packet.count - SCTPPacket.headerLength)] ^= mask
            return [SCTPPacket.withChecksum(forged)]
        case .cut(let count):
            return [SCTPPacket.withChecksum(Array(packet.prefix(max(SCTPPacket.headerLength, count))))]
        }
    }
}
