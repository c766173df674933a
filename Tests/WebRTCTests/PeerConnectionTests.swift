import DataChannels
import Gateway
import Primitives
import SDP
import SimulationSupport
import Testing

@testable import WebRTC

@Suite struct DatagramKindTests {
    /// RFC 7983 §7.
    @Test func everyFirstByte() {
        for byte in UInt8.min...UInt8.max {
            let expected: DatagramKind =
                switch byte {
                case 0...3: .stun
                case 20...63: .dtls
                default: .unknown
                }
            #expect(DatagramKind(firstByte: byte) == expected)
        }
    }
}

/// The machine as the gateway's core drives it, with a browser on the other side.
@Suite(.onTheSCTPStack) struct PeerConnectionTests {
    private func playing(
        channels: [SimulatedBrowser.Channel], setup: DTLSSetup = .actpass
    ) throws -> (SimulatedWorld, SimulatedBrowser) {
        let world = try SimulatedWorld(seed: 2)
        let browser = try world.makeBrowser(channels: channels, setup: setup)
        let session = try world.join(browser, route: "plain").session
        try #require(world.play([session]))
        return (world, browser)
    }

    /// In either DTLS role it opens within five round trips and before any retransmission.
    @Test(arguments: [DTLSSetup.actpass, .active, .passive]) func opensInEitherRole(setup: DTLSSetup) throws {
        let world = try SimulatedWorld(seed: 2)
        let browser = try world.makeBrowser(setup: setup)
        let start = world.now
        try world.join(browser)
        #expect(world.run(for: 1_000) { _ in browser.isOpen })
        // Round trips of 20 ms.
        #expect(try #require(browser.openedAt).since(start) <= 100)
    }

    @Test func openIsAcknowledged() throws {
        let (world, browser) = try playing(channels: [.init(0, label: "0"), .init(2, label: "x", ordered: false)])
        world.run(for: 200)
        #expect(browser.acknowledgedStreams == [0, 2])
    }

    /// RFC 8831 §6.7: a closed channel is closed from both sides, and its stream can be used again.
    @Test func closingAndOpeningAgain() throws {
        let (world, browser) = try playing(channels: [.init(0, label: "0"), .init(2, label: "1")])
        for round in 0..<5 as Range<UInt8> {
            browser.send([round], stream: 2)
            #expect(world.run(for: 1_000) { _ in browser.received.last?.payload == [round] })
            #expect(browser.closeChannel(stream: 2))
            #expect(world.run(for: 2_000) { _ in browser.resetStreams.count == Int(round) + 1 })
            #expect(browser.resetStreams.last == 2)
            browser.open(.init(2, label: "1"))
        }
    }

    @Test(arguments: [0, 1, 65_536, 262_144]) func messagesOfEverySize(size: Int) throws {
        let (world, browser) = try playing(channels: [.init(0, label: "0")])
        let message = world.random.bytes(size)
        for isString in [true, false] {
            browser.send(message, stream: 0, string: isString)
            #expect(world.run(for: 5_000) { _ in browser.received.count == (isString ? 1 : 2) })
            #expect(browser.received.last?.payload == message)
            #expect(browser.received.last?.isString == false)
        }
    }
}
