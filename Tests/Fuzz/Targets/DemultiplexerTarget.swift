import DTLS
import Gateway
import Primitives
import SCTP
import SDP
import STUN
import SimulationSupport

/// The bytes are datagrams for the shared port: from strangers, and from an address that passed a check but never
/// finished a handshake. Nobody here knows the session's password once the first check is done.
func fuzzDemultiplexer(_ bytes: UnsafeRawBufferPointer) throws(Breach) {
    var script = ScriptReader(bytes)
    var port = try SharedPort(setup: script.byte() & 1 == 0 ? "active" : "passive")
    for _ in 0..<100 where !script.isAtEnd {
        let choice = script.byte()
        switch choice & 7 {
        case 0: try port.wait(Milliseconds(UInt64(script.byte()) * 10))
        case 1, 2: try port.receive(script.string(), from: choice & 8 == 0 ? .stranger : .validated)
        case 3, 4: try port.receive(check(&script, for: port.ufrag), from: choice & 8 == 0 ? .stranger : .validated)
        case 5: try port.receive(record(&script), from: choice & 8 == 0 ? .stranger : .validated)
        case 6: try port.receive(record(&script) + record(&script), from: .validated)
        default: try port.receive(script.bytes(Int(script.uint16() % 3000)), from: .stranger)
        }
    }
    try port.finish()
}

/// A message for the session's ufrag with attributes of the script's and a FINGERPRINT that is right.
private func check(_ script: inout ScriptReader, for ufrag: String) -> [UInt8] {
    let kind: STUNClass = script.choice([.request, .request, .request, .indication, .success, .error])
    var builder = STUNMessageBuilder(kind, transactionID: TransactionID(high: 1, low: 2))
    builder.append(usernameFor: script.byte() & 7 == 0 ? script.string() : Array(ufrag.utf8), from: "evil".utf8)
    for _ in 0..<(script.byte() & 3) {
        builder.append(AttributeType(rawValue: script.uint16()), value: script.string())
    }
    let key = script.byte() & 1 == 0 ? nil : Array("a password that is a guess".utf8)
    return builder.finish(integrityKey: key, fingerprint: script.byte() & 7 != 0)
}

/// A DTLS record's header, sound but for what the script wants otherwise, around a handshake message or anything.
private func record(_ script: inout ScriptReader) -> [UInt8] {
    let flags = script.byte()
    var body = script.string()
    if flags & 1 == 0 {
        // RFC 6347 §4.2.2: type, length, sequence, and a fragment that is the whole.
        let length = [0, UInt8(body.count >> 8), UInt8(body.count & 255)]
        body =
            [script.choice([1, 2, 11, 12, 14, 16, 20, script.byte()])] + length + [0, script.byte() & 3, 0, 0, 0]
            + length + body
    }
    let type: UInt8 = flags & 1 == 0 ? 22 : script.choice([20, 21, 22, 23, 25, 63])
    let version: [UInt8] = flags & 2 == 0 ? [254, 253] : [254, 255]
    let epoch: [UInt8] = [0, flags >> 2 & 1]
    return [type] + version + epoch + [0, 0, 0, 0, 0, script.byte()] + [
        UInt8(body.count >> 8), UInt8(body.count & 255),
    ] + body
}

/// A gateway with one session whose browser has sent one good check.
private struct SharedPort {
    enum Source { case stranger, validated }

    private static let stranger = Path.udp(TransportAddress(ipv4: 0xCB00_71FE, port: 666))
    private static let validated = Path.udp(TransportAddress(ipv4: 0xCB00_7101, port: 40_000))
    /// Keys are made once: they cost more than everything else.
    private nonisolated(unsafe) static let context = Result { try DTLSContext(certificate: Certificate()) }

    let ufrag: String
    private let core: GatewayCore
    private let session: SessionID
    private var outbox = Outbox()
    private var now = Instant(nanoseconds: 3_000_000_321)
    private var strangersBytesIn = 0
    private var strangersBytesOut = 0

    init(setup: String) throws(Breach) {
        let offer = """
            v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
            m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcdefgh\r\n\
            a=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))\r\n\
            a=setup:\(setup)\r\na=mid:0\r\na=sctp-port:5000\r\n
            """
        do {
            let server = TransportAddress(ipv4: 0xC633_6401, port: 7777)
            VirtualTime.set(now)
            core = try GatewayCore(
                configuration: GatewayConfiguration(
                    routes: [Route(name: "game", profile: .channels, server: server)], advertised: []),
                context: try Self.context.get(), stack: .shared, random: SeededRandom(seed: 1))
            let answer = try core.join(
                JoinRequest(
                    route: "game", peerID: nil,
                    offer: DataChannelDescription(offer: SessionDescription(parsing: offer))), at: now, into: &outbox)
            session = answer.session
            let remote = try DataChannelDescription(answer: SessionDescription(parsing: answer.sdp))
            ufrag = remote.credentials.ufrag
            let good = STUNMessageBuilder.bindingRequest(
                TransactionID(high: 7, low: 8), to: ufrag, password: remote.credentials.password, from: "abcdefgh",
                role: .controlling(tieBreaker: 1), priority: 1, useCandidate: true)
            good.withUnsafeBytes { core.receive($0, from: Self.validated, at: now, into: &outbox) }
        } catch {
            throw Breach(description: "the session could not be made: \(error)")
        }
        try settle()
        try demand(core.drops.total == 0, "the first check was refused")
    }

    mutating func receive(_ bytes: [UInt8], from source: Source) throws(Breach) {
        let dropsBefore = core.drops.total
        let path = source == .stranger ? Self.stranger : Self.validated
        bytes.withUnsafeBytes { core.receive($0, from: path, at: now, into: &outbox) }
        if source == .stranger {
            strangersBytesIn += bytes.count
            try demand(core.drops.total == dropsBefore + 1, "a stranger's datagram was not refused and counted once")
        } else if !(20...63).contains(bytes.first ?? 0) {
            try demand(
                core.drops.total == dropsBefore + 1, "a datagram that is no DTLS was not refused and counted once")
        }
        try settle()
    }

    mutating func wait(_ span: Milliseconds) throws(Breach) {
        let end = now + span
        while let next = core.nextDeadline, next <= end {
            now = max(now, next)
            VirtualTime.set(now)
            core.advance(to: now)
            try settle()
        }
        now = end
        VirtualTime.set(now)
    }

    private mutating func settle() throws(Breach) {
        var turns = 0
        while core.settle(at: now, into: &outbox) {
            turns += 1
            try demand(turns < 100, "the core never settles")
        }
        if let deadline = core.nextDeadline { try demand(deadline > now, "a deadline has passed after settling") }
        var isForeign = false
        outbox.toBrowsers.forEach { bytes, destination in
            if destination == Self.stranger {
                strangersBytesOut += bytes.count
            } else if destination != Self.validated {
                isForeign = true
            }
        }
        try demand(!isForeign, "a datagram goes to an address nobody sent from")
        try demand(strangersBytesOut <= strangersBytesIn, "a stranger got more bytes than it sent")
        try demand(outbox.openings.isEmpty, "the server was asked for a player who never came")
        for event in outbox.events { try check(event) }
        outbox.removeAll()
        try checkStatus()
    }

    private func check(_ event: SessionEvent) throws(Breach) {
        switch event.kind {
        case .joined: break
        case .reached(let path): try demand(path == Self.validated, "a stranger was taken for the player")
        case .moved: throw Breach(description: "the player was moved without knowing the password")
        case .secured, .opened, .playing, .stalled, .recovered:
            throw Breach(description: "a session opened without a handshake")
        case .ended: break
        }
    }

    private func checkStatus() throws(Breach) {
        switch core.status(of: session) {
        case .joining: try demand(core.sessionCount == 1, "a session is joining and not there")
        case .ended(let reason):
            try demand(core.sessionCount == 0, "a session ended and is there")
            switch reason {
            case .dtlsFailed, .certificateMismatch, .browserClosed, .joinTimedOut, .browserVanished: break
            default: throw Breach(description: "the session ended as \(reason)")
            }
        case .ending: break
        case .connecting, .playing, nil: throw Breach(description: "the session's status is wrong")
        }
    }

    /// Nothing is left when the join has timed out.
    mutating func finish() throws(Breach) {
        try wait(.seconds(40))
        VirtualTime.clear()
        try demand(core.sessionCount == 0, "a session nobody finished is still there")
        try demand(core.nextDeadline == nil, "a deadline is left")
        try demand(SCTPStack.shared.associationCount == 0, "an association is left")
    }
}
