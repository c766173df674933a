import Primitives
import Testing

@testable import ENet

@Suite struct DeliveryTests {
    @Test func connectCarriesDataAndChannels() {
        var configuration = ClientConfiguration()
        configuration.connectData = 0x1234_5678
        let network = VirtualNetwork(configuration)
        #expect(network.client.channelCount == 0)
        #expect(network.send([1]) == .notConnected)
        network.connect()
        #expect(network.seen == [.connected])
        #expect(network.connectData == 0x1234_5678)
        #expect(network.client.channelCount == 255)
        #expect(network.client.isAccepted)
        #expect(network.client.roundTripTime.whole >= 20 && network.client.roundTripTime.whole < 25)
    }

    @Test(arguments: Delivery.allCases, [0, 1, 1200, 1365, 65_536])
    func everyKindAndSizeComesBackAsItWent(_ delivery: Delivery, _ size: Int) {
        let network = VirtualNetwork()
        network.connect()
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(network.send(bytes, channel: 7, delivery) == .queued)
        network.run(for: 200)
        // Fragments of an unsequenced packet carry no mark of it.
        let arrives = delivery == .unsequenced && size > 1364 ? .unreliableSequenced : delivery
        #expect(network.serverPackets.map(\.delivery) == [arrives])
        #expect(network.seen == [.connected, .packet(channel: 7, arrives, bytes)])
    }

    @Test func all255ChannelsAreApart() {
        let network = VirtualNetwork()
        network.connect()
        for channel in UInt8(0)..<255 {
            #expect(network.send([channel], channel: channel) == .queued)
        }
        #expect(network.send([0], channel: 255) == .noSuchChannel)
        network.run(for: 500)
        let channels = network.seen.compactMap { event -> UInt8? in
            guard case .packet(let channel, .reliable, let bytes) = event, bytes == [channel] else { return nil }
            return channel
        }
        #expect(channels.sorted() == Array(0..<255))
    }

    @Test func fewerChannelsOnTheServerAreAgreedOn() {
        var server = ServerConfiguration()
        server.channelLimit = 3
        let network = VirtualNetwork(ClientConfiguration(), server)
        network.connect()
        #expect(network.client.channelCount == 3)
        #expect(network.send([1], channel: 3) == .noSuchChannel)
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func reliableIsExactlyOnceInOrderUnderLoss(seed: UInt64) {
        let network = VirtualNetwork(seed: seed)
        network.lossPerMille = 200
        network.client.connect(at: network.now)
        network.run(for: 5000)
        guard network.seen == [.connected] else {
            #expect(network.seen == [.timedOut(.connecting)])  // every CONNECT or answer was lost
            return
        }
        var sent: [[UInt8]] = []
        for number in 0..<200 {
            let bytes =
                [UInt8(truncatingIfNeeded: number), UInt8(number >> 8)] + [UInt8](repeating: 9, count: number * 20)
            sent.append(bytes)
            #expect(network.send(bytes, channel: 2) == .queued)
            _ = network.send(bytes, channel: 3, .unsequenced)
            network.run(for: 5)
        }
        network.lossPerMille = 50
        #expect(network.run(for: 60_000))
        #expect(network.serverPackets.filter { $0.channel == 2 }.map(\.bytes) == sent)
        let echoed = network.seen.filter { if case .packet(2, .reliable, _) = $0 { true } else { false } }
        #expect(echoed.compactMap(\.payload) == sent)
        #expect(network.client.queuedReliableBytes == 0 && network.client.queuedPackets == 0)
        // Unsequenced packets were lost, none came twice.
        let unsequenced = network.serverPackets.filter { $0.channel == 3 }.map(\.bytes)
        #expect(unsequenced.count < 200 && unsequenced.count > 20 && Set(unsequenced).count == unsequenced.count)
    }

    @Test func sequencedNeverGoesBackwards() {
        let network = VirtualNetwork(seed: 3)
        network.connect()
        network.lossPerMille = 100
        for number in UInt8(0)..<250 {
            _ = network.send([number], channel: 1, .unreliableSequenced)
            network.run(for: 3)
        }
        network.run(for: 100)
        let numbers = network.serverPackets.map { $0.bytes[0] }
        #expect(numbers == numbers.sorted() && numbers.count > 150 && numbers.count < 250)
    }

    @Test func manySendsShareDatagrams() {
        let network = VirtualNetwork()
        network.connect()
        let before = network.clientDatagrams
        for number in UInt8(0)..<20 {
            _ = network.send([number], channel: 1, .unsequenced)
        }
        network.run(for: 5)
        #expect(network.clientDatagrams == before + 1)
    }

    @Test func queuedBytesAreCountedUntilAcknowledged() {
        let network = VirtualNetwork()
        network.connect()
        _ = network.send([UInt8](repeating: 1, count: 5000))
        _ = network.send([1, 2, 3], channel: 1, .unsequenced)
        #expect(network.client.queuedReliableBytes == 5000)
        #expect(network.client.queuedUnreliableBytes == 3)
        network.run(for: 5)  // sent, not acknowledged
        #expect(network.client.queuedReliableBytes == 5000)
        #expect(network.client.queuedUnreliableBytes == 0)
        network.run(for: 50)
        #expect(network.client.queuedReliableBytes == 0 && network.client.queuedPackets == 0)
    }

    @Test func queueLimitsHold() {
        var configuration = ClientConfiguration()
        configuration.maximumQueuedReliableBytes = 10_000
        configuration.maximumQueuedUnreliableBytes = 100
        configuration.maximumQueuedPackets = 12
        configuration.maximumPacketSize = 6000
        let network = VirtualNetwork(configuration)
        network.connect()
        #expect(network.send([UInt8](repeating: 0, count: 6001)) == .tooLarge)
        #expect(network.send([UInt8](repeating: 0, count: 6000)) == .queued)
        #expect(network.send([UInt8](repeating: 0, count: 6000)) == .queueFull)
        #expect(network.send([UInt8](repeating: 0, count: 101), .unsequenced) == .queueFull)
        for _ in 0..<11 { #expect(network.send([], .unsequenced) == .queued) }
        #expect(network.send([], .unsequenced) == .queueFull)
        network.run(for: 100)
        #expect(network.send([UInt8](repeating: 0, count: 6000)) == .queued)
    }
}
