import Primitives
import Testing

@testable import ENet

/// An owner that wants no reliable packets for a while.
@Suite struct BackPressureTests {
    private static let state: [UInt8] = [0xFE]
    private static let lost: UInt8 = 0xFD
    /// The server's windows of reliable data (libenet, `ENET_PROTOCOL_MAXIMUM_WINDOW_SIZE`).
    private static let window = 64 * 1024

    private func send(_ count: Int, of size: Int, on network: VirtualNetwork) {
        for number in 0..<count {
            let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
            #expect(network.sendFromServer(bytes) == .queued)
        }
    }

    private func reliable(_ network: VirtualNetwork) -> [UInt8] {
        network.seen.compactMap { $0.payload }.filter { $0 != Self.state }.map { $0[0] }
    }

    /// 1,000 bytes go in one command, 16,384 in fragments; with loss the server repeats what is withheld, too.
    @Test(arguments: [(1_000, 0), (16_384, 0), (1_000, 100), (16_384, 100)])
    func unreliablePacketsGoOnAndReliableOnesWait(size: Int, lossPerMille: Int) {
        let network = VirtualNetwork()
        network.connect()
        network.lossPerMille = lossPerMille
        network.client.isReliableWelcome = false
        let count = 800_000 / size
        send(count, of: size, on: network)
        for _ in 0..<400 {
            _ = network.sendFromServer(Self.state, channel: 1, .unsequenced)
            network.run(for: 50)
        }
        #expect(reliable(network).isEmpty)
        // Twenty seconds: a window at once, and one each time the wait is over.
        #expect(network.client.waitingBytes <= 8 * (Self.window + size))
        // What is withheld is repeated now and then, not as fast as it can be.
        #expect(network.bytesToClient < 30 * Self.window, "\(network.bytesToClient)")
        let states = network.seen.count { $0.payload == Self.state }
        #expect(states >= (lossPerMille == 0 ? 399 : 330), "\(states)")
        #expect(network.serverDisconnect == nil)

        network.client.isReliableWelcome = true
        network.run(for: 60_000)
        #expect(reliable(network) == (0..<count).map { UInt8(truncatingIfNeeded: $0) })
        #expect(network.client.waitingBytes == 0)
    }

    /// An owner that has room for one more now and then does not get ever more to keep for that.
    @Test func whatIsTakenBitByBitStaysAWindow() {
        let network = VirtualNetwork()
        network.connect()
        network.pullsClient = false
        send(50, of: 16_384, on: network)
        var taken = 0
        for _ in 0..<500 where taken < 50 {
            network.client.isReliableWelcome = true
            if network.client.nextEvent(at: network.now) != nil { taken += 1 }
            network.client.isReliableWelcome = false
            network.run(for: 50)
            #expect(network.client.waitingBytes <= Self.window + 16_384)
        }
        #expect(taken == 50)
    }

    /// What comes behind a lost packet cannot be given up. It must not take all the room, or the lost one, repeated, has none.
    @Test(arguments: [1_000, 16_384])
    func aLostPacketHasRoomWhenItComesAtLast(size: Int) {
        var configuration = ClientConfiguration()
        configuration.maximumPacketSize = 32 * 1024
        configuration.maximumWaitingData = 256 * 1024
        let network = VirtualNetwork(configuration)
        network.connect()
        network.lostToClient = Self.lost
        let count = 800_000 / size
        for number in 0..<count {
            let bytes = [UInt8](repeating: number == 0 ? Self.lost : 1, count: size)
            #expect(network.sendFromServer(bytes) == .queued)
        }
        network.run(for: 1_500)
        #expect(reliable(network).isEmpty)
        network.lostToClient = nil
        network.run(for: 10_000)
        #expect(reliable(network).count == count)
        #expect(network.serverDisconnect == nil)
    }

    /// What comes behind reliable packets that wait is not taken for older than it is.
    @Test func theOrderIsKeptOnceAllAreWelcome() {
        let network = VirtualNetwork()
        network.connect()
        network.client.isReliableWelcome = false
        _ = network.sendFromServer([1])
        _ = network.sendFromServer([2], channel: 1, .unreliableSequenced)
        network.run(for: 100)
        #expect(network.seen.compactMap { $0.payload } == [[2]])
        network.pullsClient = false
        _ = network.sendFromServer([3], channel: 1, .unreliableSequenced)
        _ = network.sendFromServer([4])
        network.run(for: 100)
        network.client.isReliableWelcome = true
        network.pullsClient = true
        network.run(for: 100)
        #expect(network.seen.compactMap { $0.payload } == [[2], [1], [3], [4]])
    }

    /// A server's farewell waits for what it sent before, and arrives.
    @Test func anEndComesAfterTheReliablePacketsBeforeIt() {
        let network = VirtualNetwork()
        network.connect()
        network.client.isReliableWelcome = false
        send(10, of: 1_000, on: network)
        network.run(for: 100)
        guard let peer = network.serverPeer else { return }
        network.server.disconnect(peer, data: 7, timing: .soon, at: network.now)
        network.run(for: 2_000)
        #expect(network.seen == [.connected])
        network.client.isReliableWelcome = true
        network.run(for: 100)
        #expect(reliable(network) == Array(0..<10))
        #expect(network.seen.last == .disconnected(7))
    }

    /// What is withheld at the end goes with the host.
    @Test func nothingIsLeftOfWhatWasWithheld() {
        let network = VirtualNetwork()
        network.connect()
        let before = network.client.allocatedBytes
        network.client.isReliableWelcome = false
        send(60, of: 1_000, on: network)
        network.run(for: 100)
        #expect(network.client.allocatedBytes > before)
        network.client.disconnect(data: 0, later: false, at: network.now)
        network.run(for: 5_000)
        network.client.isReliableWelcome = true
        network.run(for: 100)
        #expect(network.seen.last == .closed)
    }
}
