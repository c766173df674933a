import LibENet
import Primitives
import Testing

@testable import ENet

/// Against real libenet in a process of its own, over real loopback sockets: the one Torii is linked with, and a later
/// one, which says other things in CONNECT and VERIFY_CONNECT.
@Suite(.serialized) struct InteropTests {
    private func connected(
        _ server: EchoServerProcess, _ configuration: ClientConfiguration = ClientConfiguration()
    ) -> SocketClient {
        let client = SocketClient(port: server.port, configuration)
        client.connect()
        #expect(client.wait { $0.seen == [.connected] && $0.host.isAccepted })
        return client
    }

    @Test(.enabled(if: LibENet.available.contains(.sid), "\(LibENet.absence)"))
    func theLaterLibraryIsTheOneInUse() throws {
        let server = try EchoServerProcess(on: .sid)
        #expect(server.version == LibENet.sid.version)
        #expect(server.hasSmallerMTUOfBoth)
    }

    /// Up to 1.3.17 a server takes the MTU that CONNECT names, even if it is larger than its own.
    @Test(arguments: LibENet.available) func theMTUIsAgreedOn(on library: LibENet) throws {
        let server = try EchoServerProcess(on: library)
        for (mtu, agreed) in [(1000, 1000), (1400, server.hasSmallerMTUOfBoth ? 1392 : 1400)] {
            var configuration = ClientConfiguration()
            configuration.mtu = mtu
            let client = connected(server, configuration)
            client.host.withPeer { #expect($0.pointee.mtu == agreed) }
            // In fragments, as many as the MTU says.
            #expect(client.send([UInt8](repeating: 7, count: 1365), channel: 1, .unreliableSequenced) == .queued)
            #expect(client.wait { $0.seen.count == 2 })
        }
    }

    @Test(arguments: LibENet.available) func connectCarriesDataAndChannels(on library: LibENet) throws {
        let server = try EchoServerProcess(on: library)
        var configuration = ClientConfiguration()
        configuration.connectData = 2_147_483_647
        let client = connected(server, configuration)
        #expect(server.nextLine() == "connect 2147483647 255")
        #expect(client.host.channelCount == 255)
    }

    @Test(arguments: LibENet.available) func everyChannelEchoes(on library: LibENet) throws {
        let server = try EchoServerProcess(on: library)
        let client = connected(server)
        for channel in UInt8(0)..<255 { #expect(client.send([channel, 1], channel: channel) == .queued) }
        #expect(client.wait { $0.seen.count == 256 })
        for channel in UInt8(0)..<255 {
            #expect(client.seen.contains(.packet(channel: channel, .reliable, [channel, 1])))
        }
    }

    @Test(arguments: LibENet.available) func libenetsOwnRangeCoderIsSpoken(on library: LibENet) throws {
        let server = try EchoServerProcess(on: library, compression: .rangeCoder)
        var configuration = ClientConfiguration()
        configuration.compression = .rangeCoder
        let client = connected(server, configuration)
        // No empty one: libenet 1.3.17 reads its first byte, at address 0, when it compresses the echo.
        for size in [1, 100, 1000, 65_536] {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 100) }
            let before = client.seen.count
            #expect(client.send(bytes, channel: 1) == .queued)
            #expect(client.wait { $0.seen.count > before })
            #expect(client.seen.last == .packet(channel: 1, .reliable, bytes))
        }
        #expect(client.bytesSent < 20_000)
        #expect(client.bytesReceived < 20_000)
    }

    @Test(arguments: LibENet.available) func libenetsRangeCoderIsRecognised(on library: LibENet) throws {
        let server = try EchoServerProcess(on: library, compression: .rangeCoder)
        let client = SocketClient(port: server.port)
        client.connect()
        #expect(client.wait { !$0.seen.isEmpty })
        let mismatch = CompressionMismatch(configured: .none, finding: .serverUses(.rangeCoder))
        #expect(client.seen == [.compressionMismatch(mismatch)])
    }

    @Test(arguments: LibENet.available) func aSmallerChannelLimitIsKept(on library: LibENet) throws {
        let server = try EchoServerProcess(on: library, channelLimit: 2)
        let client = connected(server)
        #expect(client.host.channelCount == 2)
        #expect(client.send([1], channel: 2) == .noSuchChannel)
    }

    @Test(arguments: LibENet.available, Delivery.allCases)
    func everyKindAndSizeEchoes(on library: LibENet, _ delivery: Delivery) throws {
        let server = try EchoServerProcess(on: library)
        let client = connected(server)
        for size in [0, 1, 1300, 1365, 65_536] {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 17) }
            let echoed = delivery == .unsequenced && size > 1364 ? .unreliableSequenced : delivery
            let before = client.seen.count
            #expect(client.send(bytes, channel: 1, delivery) == .queued)
            #expect(client.wait { $0.seen.count > before })
            #expect(client.seen.last == .packet(channel: 1, echoed, bytes))
        }
    }

    @Test(arguments: LibENet.available) func aMegabyteOfReliablePacketsComesBackInOrder(on library: LibENet) throws {
        let server = try EchoServerProcess(on: library)
        let client = connected(server)
        for number in 0..<1000 {
            let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1000)
            #expect(client.send(bytes, channel: 3) == .queued)
        }
        #expect(client.wait { $0.seen.count == 1001 })
        #expect(
            client.seen.compactMap { $0.payload?.first } == (0..<1000).map { UInt8(truncatingIfNeeded: $0) })
        #expect(client.wait { $0.host.queuedReliableBytes == 0 })
    }

    @Test(arguments: LibENet.available) func godotsTinyAdvertisedBandwidthDoesNotSlowUsDown(on library: LibENet) throws
    {
        // 257 bytes per second and a 4,096-byte window, as Godot's create_server(max_channels = 255) says by mistake.
        let server = try EchoServerProcess(on: library, incomingBandwidth: 257)
        let client = connected(server)
        client.skip(1500)  // our bandwidth bookkeeping runs once
        for number in UInt8(0)..<50 { _ = client.send([number], channel: 1, .unsequenced) }
        #expect(client.wait { $0.seen.count == 51 })
        client.host.withPeer { #expect($0.pointee.windowSize == 65_536 && $0.pointee.incomingBandwidth == 0) }
    }

    @Test(arguments: LibENet.available) func aKickArrivesWithItsData(on library: LibENet) throws {
        let server = try EchoServerProcess(on: library)
        let client = connected(server)
        client.send("kick")
        #expect(client.wait { $0.seen.count == 2 })
        #expect(client.seen == [.connected, .disconnected(42)])
        #expect(server.nextLine() == "connect 0 255")
        #expect(server.nextLine() == "disconnect 0")  // our acknowledgement reached it
    }

    @Test(arguments: LibENet.available) func disconnectLaterLosesNothing(on library: LibENet) throws {
        let server = try EchoServerProcess(on: library)
        let client = connected(server)
        client.send("later")
        #expect(client.wait { $0.seen.last == .disconnected(43) })
        #expect(client.seen.compactMap { $0.payload?.first } == Array(0..<200))
        #expect(client.seen.compactMap(\.payload).allSatisfy { $0.count == 1000 })
    }

    @Test(arguments: LibENet.available) func ourDisconnectArrivesWithItsData(on library: LibENet) throws {
        let server = try EchoServerProcess(on: library)
        let client = connected(server)
        client.host.disconnect(data: 77, later: false, at: client.now)
        #expect(client.wait { $0.seen.last == .closed })
        #expect(server.nextLine() == "connect 0 255")
        #expect(server.nextLine() == "disconnect 77")
    }

    @Test(arguments: LibENet.available) func aSilentRefusalIsNotAccepted(on library: LibENet) throws {
        let server = try EchoServerProcess(on: library)
        var configuration = ClientConfiguration()
        configuration.connectData = 0xDEAD
        let client = SocketClient(port: server.port, configuration)
        client.connect()
        #expect(client.wait { $0.seen == [.connected] })
        #expect(server.nextLine() == "connect 57005 255")
        client.skip(3000)
        // A second connection's echo proves that the server has dealt with all that the first one sent.
        let other = connected(server)
        #expect(other.host.isAccepted)
        #expect(!client.host.isAccepted)
        #expect(client.seen == [.connected])
    }

    @Test(arguments: LibENet.available) func aServerThatDiesTimesOutInVirtualTime(on library: LibENet) throws {
        let server = try EchoServerProcess(on: library)
        let client = connected(server)
        client.send("die")
        #expect(server.nextLine() == "connect 0 255")
        #expect(server.nextLine() == nil)  // it is gone
        for _ in 0..<400 where client.seen.count < 2 { client.skip(100) }
        #expect(client.seen == [.connected, .timedOut(.connected)])
    }

    @Test(arguments: LibENet.available) func noServerTimesOutInVirtualTime(on library: LibENet) throws {
        let port = try EchoServerProcess(on: library).port  // nobody has it any more
        let client = SocketClient(port: port)
        client.connect()
        for _ in 0..<51 { client.skip(100) }
        #expect(client.seen == [.timedOut(.connecting)])
    }
}
