import Primitives
import Testing

@testable import ENet

@Suite struct EndingTests {
    @Test func nobodyThereTimesOutConnecting() {
        let network = VirtualNetwork()
        network.isServerGone = true
        network.client.connect(at: network.now)
        network.run(for: 4999)
        #expect(network.seen.isEmpty)
        network.run(for: 2)
        #expect(network.seen == [.timedOut(.connecting)])
        #expect(network.client.nextDeadline == nil)
    }

    @Test func connectIsRepeatedOftenEnoughForALossyWay() {
        let network = VirtualNetwork()
        network.isServerGone = true
        network.client.connect(at: network.now)
        network.run(for: 450)
        #expect(network.clientDatagrams == 3)  // at once, after 100 ms, after 200 ms more
        network.run(for: 4_000)
        #expect((10...12).contains(network.clientDatagrams))
    }

    @Test func libenetsOwnConnectTimeoutIsToldApartFromARefusal() {
        var configuration = ClientConfiguration()
        configuration.connectTimeout = .seconds(600)
        let network = VirtualNetwork(configuration)
        network.isServerGone = true
        network.client.connect(at: network.now)
        #expect(network.run(for: 60_000))
        #expect(network.seen == [.timedOut(.connecting)])
    }

    @Test func aServerThatVanishesTimesOut() {
        let network = VirtualNetwork()
        network.connect()
        network.isServerGone = true
        #expect(network.run(for: 60_000))
        #expect(network.seen == [.connected, .timedOut(.connected)])
    }

    /// Pings are answered twice a second, so silence says it all.
    @Test func silenceOfEightSecondsIsTheEnd() {
        let network = VirtualNetwork()
        network.connect()
        network.isServerGone = true
        #expect(network.run(for: 7_000))
        #expect(network.seen == [.connected])
        #expect(network.run(for: 1_100))
        #expect(network.seen == [.connected, .timedOut(.connected)])
        #expect(network.client.nextDeadline == nil)
    }

    /// libenet alone waits twice as long after each loss, and gives up after 5 s.
    @Test func aWayThatIsCutForFourSecondsLosesNothing() {
        let network = VirtualNetwork()
        network.connect()
        network.lossPerMille = 1000
        #expect(network.send([1]) == .queued)
        #expect(network.run(for: 4_500))
        network.lossPerMille = 0
        #expect(network.run(for: 2_100))
        #expect(network.seen == [.connected, .packet(channel: 0, .reliable, [1])])
    }

    /// Whoever speaks there is not the server any more: it never acknowledges.
    @Test func whatIsNeverAcknowledgedEndsTheConnection() {
        let network = VirtualNetwork()
        network.connect()
        network.isServerGone = true
        var seconds = 0
        while seconds < 60, network.seen.last != .timedOut(.connected) {
            [UInt8](repeating: 0xBF, count: 4).withUnsafeBytes { try? network.client.receive($0, at: network.now) }
            network.run(for: 1_000)
            seconds += 1
        }
        #expect((28...32).contains(seconds))
    }

    @Test func aKickCarriesItsData() throws {
        let network = VirtualNetwork()
        network.connect()
        network.server.disconnect(try #require(network.serverPeer), data: 42, timing: .soon, at: network.now)
        network.run(for: 200)
        #expect(network.seen == [.connected, .disconnected(42)])
        #expect(network.serverDisconnect == 0)
        #expect(network.send([1]) == .notConnected)
    }

    @Test func anUnacknowledgedKickIsUnderstoodToo() throws {
        let network = VirtualNetwork()
        network.connect()
        network.server.disconnect(try #require(network.serverPeer), data: 7, timing: .now, at: network.now)
        network.run(for: 200)
        #expect(network.seen == [.connected, .disconnected(7)])
    }

    @Test func disconnectLaterLosesNothingEvenWhenNothingWasTakenYet() throws {
        let network = VirtualNetwork()
        network.connect()
        network.pullsClient = false
        let peer = try #require(network.serverPeer)
        for number in UInt8(0)..<200 {
            #expect(network.sendFromServer([UInt8](repeating: number, count: 1000)) == .queued)
        }
        network.server.disconnect(peer, data: 43, timing: .later, at: network.now)
        network.run(for: 3000)
        network.takeClientEvents()
        #expect(network.seen.compactMap { $0.payload?.first } == Array(0..<200))
        #expect(network.seen.last == .disconnected(43))
    }

    @Test func packetsBeforeADisconnectInTheSameBatchSurvive() throws {
        let network = VirtualNetwork()
        network.connect()
        let peer = try #require(network.serverPeer)
        #expect(network.sendFromServer([1, 2, 3], channel: 1, .unsequenced) == .queued)
        network.server.flush(at: network.now)
        network.server.disconnect(peer, data: 5, timing: .now, at: network.now)
        network.run(for: 200)
        #expect(network.seen == [.connected, .packet(channel: 1, .unsequenced, [1, 2, 3]), .disconnected(5)])
    }

    @Test(arguments: [false, true]) func ourDisconnectIsSeenByTheServer(later: Bool) {
        let network = VirtualNetwork()
        network.connect()
        _ = network.send([UInt8](repeating: 3, count: 200_000))
        network.client.disconnect(data: 99, later: later, at: network.now)
        #expect(network.send([1]) == .notConnected)
        #expect(network.run(for: 5000))
        #expect(network.seen.last == .closed)
        #expect(network.serverDisconnect == 99)
        #expect(network.serverPackets.map(\.bytes.count) == (later ? [200_000] : []))
        #expect(network.client.nextDeadline == nil)
    }

    @Test func disconnectWhileConnectingClosesAtOnce() {
        let network = VirtualNetwork()
        network.client.connect(at: network.now)
        network.client.disconnect(data: 1, later: false, at: network.now)
        network.takeClientEvents()
        #expect(network.seen == [.closed])
        #expect(network.client.outgoing.count == 2)  // CONNECT and DISCONNECT
    }

    @Test func disconnectFromAServerThatIsGoneStillCloses() {
        let network = VirtualNetwork()
        network.connect()
        network.isServerGone = true
        network.client.disconnect(data: 1, later: true, at: network.now)
        #expect(network.run(for: 60_000))
        #expect(network.seen == [.connected, .closed])
    }

    @Test func aSlotIsReusedUnderAnotherID() throws {
        var random = SeededRandom(seed: 4)
        var configuration = ServerConfiguration()
        configuration.maximumPeers = 1
        let network = VirtualNetwork(ClientConfiguration(), configuration)
        network.connect()
        let first = try #require(network.serverPeer)
        network.server.disconnect(first, data: 0, timing: .now, at: network.now)
        network.run(for: 100)
        #expect(network.server.connectedPeers.isEmpty)
        let second = ClientHost(configuration: ClientConfiguration(), random: &random)
        second.connect(at: network.now)
        var connected: PeerID?
        for _ in 0..<4 {
            second.outgoing.forEach { try? network.server.receive($0, from: VirtualNetwork.address, at: network.now) }
            second.outgoing.removeAll()
            while let event = network.server.nextEvent(at: network.now) {
                if case .connected(let id, _, _) = event { connected = id }
            }
            network.server.drainOutgoing { bytes, _ in try? second.receive(bytes, at: network.now) }
            second.advance(to: network.now)
        }
        let id = try #require(connected)
        #expect(id != first && network.server.connectedPeers == [id])
        let toFirst = [UInt8](arrayLiteral: 1).withUnsafeBytes {
            network.server.send($0, channel: 0, delivery: .reliable, to: first, at: network.now)
        }
        #expect(toFirst == .notConnected)
    }
}
