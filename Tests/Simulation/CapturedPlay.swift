import ENet
import Gateway
import Primitives
import SimulationSupport
import Testing

/// A session that is captured from the first packet on, with a server that echoes.
struct CapturedPlay {
    static let time: UInt64 = 1_700_000_000_123_456_789
    /// What travels both ways and may be in no file unless it is asked for.
    static let secret = Array("what players say to each other".utf8)

    let world: SimulatedWorld
    let browser: SimulatedBrowser
    let session: SessionID
    let capture: CaptureID
    let started: Instant

    init(
        _ route: String = "godot", payloads: CaptureOptions.Payloads = .zeroed, compression: Compression = .none,
        front: SecuredFront? = nil, offersSNAP: Bool = false, isOverTCP: Bool = false,
        duration: Milliseconds = .seconds(60), byteLimit: Int = 16 << 20
    ) throws {
        var server = ServerConfiguration()
        server.compression = compression
        world = try SimulatedWorld(seed: 1, serverConfiguration: server, front: front) {
            $0.routes["godot"]?.enet.compression = compression
        }
        if route == "raw" { _ = world.addDatagramServer() }
        browser = try world.makeBrowser(
            channels: route == "godot"
                ? SimulatedBrowser.Channel.godot
                : [
                    // With SNAP the page is DTLS server, and opens odd streams (RFC 8832 §6).
                    .init(
                        offersSNAP ? 1 : 0, label: "0", ordered: route != "raw",
                        limit: route == "raw" ? .retransmissions(0) : .none)
                ],
            offersSNAP: offersSNAP)
        if isOverTCP { world.connectByTCP(browser) }
        session = try world.join(browser, route: route, peerID: route == "godot" ? 42 : nil).session
        started = world.now
        let options = try CaptureOptions(payloads: payloads, duration: duration, byteLimit: byteLimit)
        capture = try world.ask { [session] in
            try $0.startCapture(of: session, options, time: Self.time, at: $1)
        }
        try #require(world.play([session]))
    }

    /// Messages there and back, each with the secret in it.
    func exchange(_ count: Int, stream: UInt16) {
        let before = browser.received.count
        for number in 0..<count { browser.send(Self.secret + [UInt8(number)], stream: stream) }
        #expect(world.run(for: 3_000) { _ in browser.received.count == before + count })
    }

    func take() -> CapturedBytes? { world.ask { core, _ in core.takeCaptured(capture) } }

    /// The file, after the capture was stopped.
    func stop() throws -> [UInt8] {
        #expect(world.ask { core, now in core.stopCapture(capture, at: now) })
        let piece = try #require(take())
        #expect(piece.end == .stopped)
        #expect(take() == nil)
        return piece.bytes
    }

    static func holds(_ file: [UInt8], _ marker: [UInt8]) -> Bool {
        guard let first = marker.first else { return true }
        return file.indices.contains { file[$0] == first && file[$0...].starts(with: marker) }
    }
}
