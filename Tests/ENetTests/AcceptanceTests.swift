import Primitives
import Testing

@testable import ENet

@Suite struct AcceptanceTests {
    @Test func aSilentRefusalIsNeverAccepted() throws {
        // Everything the server says after its VERIFY_CONNECT is lost, as when Godot forgets the peer.
        let network = VirtualNetwork()
        network.client.connect(at: network.now)
        network.run(for: 25)
        #expect(network.seen == [.connected])
        network.isServerGone = true
        network.run(for: 3000)
        #expect(!network.client.isAccepted)
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>) func aLossyWayIsNotTakenForARefusal(seed: UInt64) {
        // Three in ten lost each way once both sides are connected: of a dozen pings one comes through, of libenet's two
        // or three repeats often none.
        let network = VirtualNetwork(seed: seed)
        network.client.connect(at: network.now)
        network.run(for: 25)
        network.lossPerMille = 300
        #expect(network.seen == [.connected])
        network.run(for: 3000)
        #expect(network.client.isAccepted)
    }

    /// The first acknowledgement of VERIFY_CONNECT is lost, and libenet would wait for the server to repeat it: 500 ms,
    /// then a second more, then two.
    @Test func aServerThatMissedTheAcknowledgementIsToldAgain() throws {
        let network = VirtualNetwork()
        network.client.connect(at: network.now)
        network.run(for: 15)
        network.isCutToServer = true
        network.run(for: 85)
        #expect(network.seen == [.connected])
        #expect(network.serverPeer == nil)
        network.isCutToServer = false
        network.run(for: 220)
        #expect(network.client.isAccepted)
        // The way takes 10 ms each way, however late the acknowledgement is.
        let server = try #require(network.serverPeer)
        #expect(network.server.withPeer(server) { (20...22).contains($0.pointee.roundTripTime) })
    }
}
