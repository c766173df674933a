import Primitives
import Testing

@testable import ENet

/// Against real libenet in a process of its own, over real loopback sockets.
@Suite(.serialized) struct InteropTests {
    private func connected(
        _ server: EchoServerProcess, _ configuration: ClientConfiguration = ClientConfiguration()
    ) -> SocketClient {
        let client = SocketClient(port: server.port, configuration)
        client.connect()
        #expect(client.wait { $0.seen == [.connected] && $0.host.isAccepted })
        return client
    }

    @Test func connectCarriesDataAndChannels() throws {
        let server = try EchoServerProcess()
        var configuration = ClientConfiguration()
        configuration.connectData = 2_147_483_647
        let client = connected(server, configuration)
        #expect(server.nextLine() == "connect 2147483647 255")
        #expect(client.host.channelCount == 255)
    }

    @Test func everyChannelEchoes() throws {
        let server = try EchoServerProcess()
        let client = connected(server)
        for channel in UInt8(0)..<255 { #expect(client.send([channel, 1], channel: channel) == .queued) }
        #expect(client.wait { $0.seen.count == 256 })
        for channel in UInt8(0)..<255 {
            #expect(client.seen.contains(.packet(channel: channel, .reliable, [channel, 1])))
        }
    }

    @Test func libenetsOwnRangeCoderIsSpoken() throws {
        let server = try EchoServerProcess(compression: .rangeCoder)
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

    @Test func libenetsRangeCoderIsRecognised() throws {
        let server = try EchoServerProcess(compression: .rangeCoder)
        let client = SocketClient(port: server.port)
        client.connect()
        #expect(client.wait { !$0.seen.isEmpty })
        let mismatch = CompressionMismatch(configured: .none, finding: .serverUses(.rangeCoder))
        #expect(client.seen == [.compressionMismatch(mismatch)])
    }

    @Test func aSmallerChannelLimitIsKept() throws {
        let server = try EchoServerProcess(channelLimit: 2)
        let client = connected(server)
        #expect(client.host.channelCount == 2)
        #expect(client.send([1], channel: 2) == .noSuchChannel)
    }

    @Test(arguments: Delivery.allCases) func everyKindAndSizeEchoes(_ delivery: Delivery) throws {
        let server = try EchoServerProcess()
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

    @Test func aMegabyteOfReliablePacketsComesBackInOrder() throws {
        let server = try EchoServerProcess()
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

    @Test func godotsTinyAdvertisedBandwidthDoesNotSlowUsDown() throws {
        // 257 bytes per second and a 4,096-byte window, as Godot's create_server(max_channels = 255) says by mistake.
        let server = try EchoServerProcess(incomingBandwidth: 257)
        let client = connected(server)
        client.skip(1500)  // our bandwidth bookkeeping runs once
        for number in UInt8(0)..<50 { _ = client.send([number], channel: 1, .unsequenced) }
        #expect(client.wait { $0.seen.count == 51 })
        client.host.withPeer { #expect($0.pointee.windowSize == 65_536 && $0.pointee.incomingBandwidth == 0) }
    }

    @Test func aKickArrivesWithItsData() throws {
        let server = try EchoServerProcess()
        let client = connected(server)
        client.send("kick")
        #expect(client.wait { $0.seen.count == 2 })
        #expect(client.seen == [.connected, .disconnected(42)])
        #expect(server.nextLine() == "connect 0 255")
        #expect(server.nextLine() == "disconnect 0")  // our acknowledgement reached it
    }

    @Test func disconnectLaterLosesNothing() throws {
        let server = try EchoServerProcess()
        let client = connected(server)
        client.send("later")
        #expect(client.wait { $0.seen.last == .disconnected(43) })
        #expect(client.seen.compactMap { $0.payload?.first } == Array(0..<200))
        #expect(client.seen.compactMap(\.payload).allSatisfy { $0.count == 1000 })
    }

    @Test func ourDisconnectArrivesWithItsData() throws {
        let server = try EchoServerProcess()
        let client = connected(server)
        client.host.disconnect(data: 77, later: false, at: client.now)
        #expect(client.wait { $0.seen.last == .closed })
        #expect(server.nextLine() == "connect 0 255")
        #expect(server.nextLine() == "disconnect 77")
    }

    @Test func aSilentRefusalIsNotAccepted() throws {
        let server = try EchoServerProcess()
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

    @Test func aServerThatDiesTimesOutInVirtualTime() throws {
        let server = try EchoServerProcess()
        let client = connected(server)
        client.send("die")
        #expect(server.nextLine() == "connect 0 255")
        #expect(server.nextLine() == nil)  // it is gone
        for _ in 0..<400 where client.seen.count < 2 { client.skip(100) }
        #expect(client.seen == [.connected, .timedOut(.connected)])
    }

    @Test func noServerTimesOutInVirtualTime() throws {
        let port = try EchoServerProcess().port  // nobody has it any more
        let client = SocketClient(port: port)
        client.connect()
        for _ in 0..<51 { client.skip(100) }
        #expect(client.seen == [.timedOut(.connecting)])
    }
}
