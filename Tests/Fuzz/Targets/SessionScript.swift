import DataChannels
import ENet
import Gateway
import Primitives
import SCTP
import SDP
import STUN
import SimulationSupport

// What a script's bytes stand for. Seeds are written in the same terms, so new steps go to the end.
extension SessionPlay {
    private static let stranger = TransportAddress(ipv4: 0xCB00_71FE, port: 666)

    func step(_ script: inout ScriptReader) {
        switch script.byte() % 26 {
        case 0: waitLong(&script)
        case 1: sendMessage(&script)
        case 2: browser.sendRaw(script.string(), stream: script.uint16(), identifier: script.uint32())
        case 3: sendEstablishment(&script)
        case 4: openChannel(&script)
        case 5: _ = browser.closeChannel(stream: UInt16(script.byte()))
        case 6: browser.sendRecord(script.string())
        case 7: sendPacket(SCTPPacket.with(header: header, chunks: script.string()))
        case 8, 9: sendChunks(&script)
        case 10: misdeeds.append(misdeed(&script))
        case 11: if let old = sent.first { sendPacket(old) }
        case 12: serverSends(&script)
        case 13: fromServer(script.string())
        case 14: fromServer(enetHeader(&script) + script.string())
        case 15: changeLink(&script)
        case 16: sendCheck(&script)
        case 17: world.inject(script.string(), from: script.byte() & 1 == 0 ? browser.address : Self.stranger)
        case 18: world.rebind(browser)
        case 19: browser.reads.toggle()
        case 20: changeServer(&script)
        case 21: restartICE(&script)
        case 22: if let player = world.server.players.keys.first { world.server.kick(player, data: script.uint32()) }
        case 23: flood(&script)
        case 24: leave(script.byte())
        default: sendInit(&script)
        }
    }

    private func waitLong(_ script: inout ScriptReader) {
        let span = Milliseconds(UInt64(script.byte()) * (script.byte() & 3 == 0 ? 20 : 1))
        // A breach shows in the short wait after each step.
        try? wait(span)
    }

    // MARK: - The page

    private func size(_ script: inout ScriptReader) -> Int {
        script.choice([0, 1, 5, 40, 1_000, 1_200, 1_500, 5_000, 65_535, 65_536, 262_144, 262_145, Int(script.byte())])
    }

    private func reliability(_ script: inout ScriptReader) -> PartialReliability {
        script.choice([.reliable, .retransmissions(0), .retransmissions(3), .lifetime(0), .lifetime(100)])
    }

    private func sendMessage(_ script: inout ScriptReader) {
        guard browser.unsentCount < 64 else { return }
        let flags = script.byte()
        let head = script.bytes(Int(flags >> 4))
        let body = [UInt8](repeating: flags, count: max(0, size(&script) - head.count))
        browser.send(
            head + body, stream: UInt16(script.byte()), unordered: flags & 1 != 0, reliability: reliability(&script),
            string: flags & 2 != 0)
    }

    private func sendEstablishment(_ script: inout ScriptReader) {
        browser.sendRaw(
            script.string(), stream: UInt16(script.byte()), identifier: PayloadProtocol.establishment.rawValue)
    }

    private func openChannel(_ script: inout ScriptReader) {
        let flags = script.byte()
        let limit: ChannelReliability.Limit = script.choice([
            .none, .retransmissions(script.uint32()), .lifetime(script.uint32()),
        ])
        browser.open(
            .init(
                UInt16(script.byte()) | UInt16(flags & 2) << 7,
                label: String(decoding: script.string(), as: UTF8.self), ordered: flags & 1 == 0, limit: limit))
    }

    private func leave(_ choice: UInt8) {
        switch choice & 3 {
        case 0: browser.close()
        case 1: browser.vanish()
        case 2: world.ask { core, now in _ = core.leave(answer.session, at: now) }
        default: world.ask { core, now in core.stop(at: now) }
        }
    }

    // MARK: - SCTP

    private func sendPacket(_ packet: [UInt8]) {
        browser.sendRecord(SCTPPacket.withChecksum(packet))
    }

    private func sendChunks(_ script: inout ScriptReader) {
        var chunks: [UInt8] = []
        for _ in 0...(script.byte() & 3) {
            chunks += SCTPPacket.chunk(type: script.byte(), flags: script.byte(), script.string())
        }
        sendPacket(SCTPPacket.with(header: header, chunks: chunks))
    }

    /// INIT wants a tag of zero (RFC 9260 §8.5.1).
    private func sendInit(_ script: inout ScriptReader) {
        var header = header
        for index in 4..<8 where index < header.count { header[index] = 0 }
        sendPacket(SCTPPacket.with(header: header, chunks: SCTPPacket.chunk(type: 1, flags: 0, script.string())))
    }

    private func misdeed(_ script: inout ScriptReader) -> Misdeed {
        switch script.byte() % 5 {
        case 0: .lose
        case 1: .double
        case 2: .replayOld
        case 3: .flip(offset: Int(script.uint16()), with: script.byte())
        default: .cut(to: Int(script.uint16()))
        }
    }

    /// Many small messages at once.
    private func flood(_ script: inout ScriptReader) {
        guard browser.unsentCount < 64 else { return }
        let stream = UInt16(script.byte())
        let message = script.bytes(Int(script.byte() & 31))
        for _ in 0..<(Int(script.byte()) * 8) { browser.send(message, stream: stream) }
    }

    // MARK: - The server and what calls itself so

    private func fromServer(_ bytes: [UInt8]) {
        guard let socket = world.sockets.values.first else { return }
        world.network.send(bytes, from: SimulatedWorld.serverAddress, to: socket, at: world.now)
    }

    /// ENet's protocol header: peer, session and flags in two bytes, then the time if the flag says so.
    private func enetHeader(_ script: inout ScriptReader) -> [UInt8] {
        let flags = script.byte()
        let session = UInt8(flags & 3) << 4
        let hasTime = flags & 4 == 0
        return [(hasTime ? 0x80 : 0) | session, flags & 0x38] + (hasTime ? script.bytes(2) : [])
    }

    private func serverSends(_ script: inout ScriptReader) {
        guard let player = world.server.players.keys.first else { return }
        let delivery: Delivery = script.choice([.reliable, .unreliableSequenced, .unsequenced])
        let head = script.bytes(Int(script.byte() & 31))
        let body = [UInt8](repeating: 7, count: max(0, size(&script) - head.count))
        for _ in 0...(script.byte() & 7) {
            world.server.send(head + body, channel: script.byte(), delivery, to: player)
        }
    }

    private func changeServer(_ script: inout ScriptReader) {
        switch script.byte() & 3 {
        case 0: world.server.isGone = true
        case 1: world.sendsUnreachable = true
        case 2: world.server.behaviour = .listens
        default: world.server.behaviour = .echoes
        }
    }

    // MARK: - The network and ICE

    private func changeLink(_ script: inout ScriptReader) {
        let host = script.byte() & 1 == 0 ? browser.address.host : SimulatedWorld.serverAddress.host
        var link = LinkConditions(
            delay: Milliseconds(UInt64(script.byte() & 63)), jitter: Milliseconds(UInt64(script.byte() & 31)))
        link.loss = Int(script.byte()) * 2
        link.duplication = Int(script.byte()) * 2
        link.corruption = Int(script.byte()) * 2
        world.network.links[host] = link
    }

    /// A check that is right, from anywhere.
    private func sendCheck(_ script: inout ScriptReader) {
        guard let remote = try? DataChannelDescription(answer: SessionDescription(parsing: answer.sdp)) else { return }
        let check = STUNMessageBuilder.bindingRequest(
            TransactionID(high: 1, low: 2), to: remote.credentials.ufrag, password: remote.credentials.password,
            from: "evil", role: script.byte() & 7 == 0 ? .controlled(tieBreaker: 1) : .controlling(tieBreaker: 1),
            priority: 1, useCandidate: script.byte() & 1 == 0)
        world.inject(check, from: browser.address.with(port: browser.address.port &+ UInt16(script.byte() & 15)))
    }

    private func restartICE(_ script: inout ScriptReader) {
        guard let fragment = try? ICEFragment(parsing: Array(browser.beginRestart().utf8)) else { return }
        let update = world.ask { core, now in
            try? core.update(answer.session, fragment, iceTag: nil, at: now)
        }
        guard case .restarted(let sdp, _) = update, script.byte() & 3 != 0 else { return }
        try? browser.followRestart(sdp, at: world.now)
    }
}
