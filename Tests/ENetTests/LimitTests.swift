import CENet
import Primitives
import Testing

@testable import ENet

@Suite struct LimitTests {
    @Test func notPullingStopsTheServerAndNothingIsLost() {
        var configuration = ClientConfiguration()
        configuration.maximumPacketSize = 10_000
        configuration.maximumWaitingData = 90_000
        let network = VirtualNetwork(configuration)
        network.connect()
        network.pullsClient = false
        let sent = (0..<200).map { [UInt8](repeating: UInt8($0), count: 1000) }
        for bytes in sent { #expect(network.sendFromServer(bytes) == .queued) }
        network.run(for: 1500)
        #expect(network.client.waitingBytes >= 90_000 && network.client.waitingBytes <= 91_000)
        network.pullsClient = true
        #expect(network.run(for: 20_000))
        #expect(network.seen.compactMap { $0.payload?.first } == Array(0..<200))
    }

    @Test func lostFragmentsDoNotMakeTheSessionDeaf() {
        var configuration = ClientConfiguration()
        configuration.maximumPacketSize = 10_000
        configuration.maximumWaitingData = 100_000
        let network = VirtualNetwork(configuration)
        network.connect()
        for _ in 0..<100 {
            network.lossPerMille = 300
            _ = network.sendFromServer([UInt8](repeating: 1, count: 10_000), channel: 1, .unreliableSequenced)
            network.run(for: 15)
            network.lossPerMille = 0
            network.run(for: 15)
        }
        let before = network.seen.count
        _ = network.sendFromServer([7], channel: 1, .unreliableSequenced)
        network.run(for: 3000)
        #expect(network.seen.count == before + 1 && network.seen.last?.payload == [7])
    }

    @Test func idleCostsTwoCallsPerPing() {
        let network = VirtualNetwork()
        network.connect()
        network.run(for: 5000)
        let (advances, datagrams) = (network.clientAdvances, network.clientDatagrams)
        #expect(network.run(for: 100_000))
        #expect(network.seen == [.connected])
        // The server's ping acknowledged every 520 ms (interval and round trip), and one of ours every 5 s.
        #expect(network.clientAdvances - advances < 2 * (193 + 21))
        #expect(network.clientDatagrams - datagrams < 193 + 21)
    }

    /// Connected for some seconds, to a server that never pings.
    private func withoutPingsOfTheServer(
        _ configuration: ClientConfiguration = ClientConfiguration()
    ) -> VirtualNetwork {
        let network = VirtualNetwork(configuration)
        network.connect()
        network.serverPings(every: .seconds(3600))
        network.run(for: 5000)
        return network
    }

    /// Servers of other makes need not ping; one that does not, and neither speaks nor is spoken to, is pinged.
    @Test func aServerThatSaysNothingIsPinged() {
        let network = withoutPingsOfTheServer()
        let datagrams = network.clientDatagrams
        #expect(network.run(for: 100_000))
        #expect(network.seen == [.connected])
        // Two seconds and a round trip.
        #expect((48...50).contains(network.clientDatagrams - datagrams))
    }

    /// A server that only speaks hears from us, too.
    @Test func aServerThatOnlyHearsPingsIsPinged() {
        let network = withoutPingsOfTheServer()
        let datagrams = network.clientDatagrams
        for _ in 0..<1000 {
            #expect(network.sendFromServer([1], .unreliableSequenced) == .queued)
            network.run(for: 100)
        }
        #expect((48...50).contains(network.clientDatagrams - datagrams))
    }

    /// All that such a server says are its answers to pings, without which it would count as gone.
    @Test func aServerThatOnlyListensIsPinged() {
        var configuration = ClientConfiguration()
        // Pings for the round trip alone would be enough.
        configuration.roundTripInterval = .seconds(60)
        let network = withoutPingsOfTheServer(configuration)
        network.echoes = false
        for _ in 0..<600 {
            #expect(network.send([1], .unreliableSequenced) == .queued)
            network.run(for: 100)
        }
        #expect(network.seen == [.connected])
    }

    /// The round trip is measured while only unreliable messages go both ways.
    @Test func theRoundTripIsMeasuredWhileBothSpeak() {
        let network = withoutPingsOfTheServer()
        network.delay = 40
        for _ in 0..<600 {
            #expect(network.send([1], .unreliableSequenced) == .queued)
            network.run(for: 100)
        }
        #expect(network.client.roundTripTime > 30)
        #expect(network.client.roundTripTime < 80)
    }

    @Test func idleHoursPassByDeadlinesAlone() {
        var configuration = ClientConfiguration()
        configuration.pingInterval = .seconds(4)
        let network = VirtualNetwork(configuration)
        network.connect()
        #expect(network.run(for: .seconds(3 * 3600)))
        #expect(network.seen == [.connected])
        #expect(network.send([1]) == .queued)
        network.run(for: 100)
        #expect(network.seen.last == .packet(channel: 0, .reliable, [1]))
    }

    @Test func theClockWrapsWithoutHarm() {
        var clock = HostClock()
        let start = Instant(nanoseconds: 5_000_000)
        clock.advance(to: start)
        #expect(clock.time == 1)
        let late = start + Milliseconds((1 << 32) + 9)
        clock.advance(to: late)
        #expect(clock.time == 10)
        #expect(clock.instant(of: 510) == late + 500)
        #expect(clock.instant(of: 0 &- 10) < late)
        clock.advance(to: start)  // never backwards
        #expect(clock.time == 10)
    }

    @Test func anAdvertisedBandwidthIsIgnoredWhenAsked() {
        // The server's BANDWIDTH_LIMIT, as Godot's bug sends it, laid straight into the peer.
        let network = VirtualNetwork()
        network.connect()
        network.client.withPeer { peer in
            peer.pointee.incomingBandwidth = 34
            peer.pointee.windowSize = 4096
            peer.pointee.host.pointee.bandwidthLimitedPeers = 1
            peer.ignoreAdvertisedBandwidth()
            #expect(peer.pointee.windowSize == 65_536 && peer.pointee.incomingBandwidth == 0)
            #expect(peer.pointee.host.pointee.bandwidthLimitedPeers == 0)
        }
    }

    /// libenet drops unreliable packets while the round trip grows, unless it was told otherwise; so is the other side.
    @Test(arguments: [true, false]) func aRoundTripThatGrowsThrottlesNobody(whenAsked isAsked: Bool) {
        var configuration = ClientConfiguration()
        configuration.disablesThrottle = isAsked
        let network = VirtualNetwork(configuration)
        network.connect()
        for step in 1...100 as ClosedRange<UInt64> {
            network.delay = Milliseconds(10 + step * 5)
            _ = network.send([0])  // its acknowledgement measures the round trip; so does that of its echo
            for _ in 0..<5 { #expect(network.send([1], channel: 1, .unsequenced) == .queued) }
            network.run(for: 100)
        }
        network.run(for: 2_000)
        let there = network.serverPackets.count { $0.delivery == .unsequenced }
        let back = network.seen.count { $0.payload == [1] }
        #expect((there == 500) == isAsked)
        #expect((back == there) == isAsked)
    }

    @Test func emptyAndOversizeDatagramsAreRefused() {
        let network = VirtualNetwork()
        network.connect()
        #expect(throws: DropReason.datagramEmpty) {
            try network.client.receive(UnsafeRawBufferPointer(start: nil, count: 0), at: network.now)
        }
        #expect(throws: DropReason.serverDatagramTruncated) {
            try [UInt8](repeating: 0, count: 4097).withUnsafeBytes { try network.client.receive($0, at: network.now) }
        }
        let v6 = TransportAddress(ipv6: 1, 2, port: 3)
        #expect(throws: DropReason.datagramFromStranger) {
            try [UInt8](repeating: 0, count: 9).withUnsafeBytes {
                try network.server.receive($0, from: v6, at: network.now)
            }
        }
    }

    @Test func noiseHarmsNeitherSide() {
        let network = VirtualNetwork(seed: 11)
        network.connect()
        var random = SeededRandom(seed: 12)
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 1...64, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) {
                // A header that is let through: peer 0, any session, and a known command.
                bytes.replaceSubrange(
                    0..<min(2, bytes.count), with: [UInt8.random(in: 0..<16, using: &random) << 4, 0])
                if bytes.count > 4 { bytes[4] = UInt8.random(in: 0..<13, using: &random) | (bytes[4] & 0xC0) }
            }
            bytes.withUnsafeBytes { datagram in
                try? network.client.receive(datagram, at: network.now)
                try? network.server.receive(datagram, from: VirtualNetwork.address, at: network.now)
            }
            network.run(for: 1)
        }
        #expect(network.client.allocatedBytes <= network.client.configuration.memoryLimit)
    }

    @Test func fragmentBitmapsCannotTakeAllMemory() {
        var configuration = ClientConfiguration()
        configuration.maximumWaitingData = 1 << 20
        let network = VirtualNetwork(configuration)
        network.connect()
        network.echoes = false
        // Each claims a packet of two bytes in a million fragments: 128 KiB of bitmap for 28 bytes on the wire.
        for sequence in UInt16(1)..<4000 {
            let datagram = network.client.withPeer { peer -> [UInt8] in
                let session = UInt16(peer.pointee.incomingSessionID) << 12
                var bytes: [UInt8] = []
                bytes.append(bigEndian: UInt16(0x8000) | session)
                bytes.append(bigEndian: UInt16(0))
                bytes += [0x88, 9]
                bytes.append(bigEndian: sequence)
                bytes.append(bigEndian: sequence)
                bytes.append(bigEndian: UInt16(1))
                for field in [UInt32(1 << 20), 0, 2, 0] { bytes.append(bigEndian: field) }
                return bytes + [0]
            }
            datagram.withUnsafeBytes { try? network.client.receive($0, at: network.now) }
            network.client.advance(to: network.now)
            network.client.outgoing.removeAll()
        }
        #expect(network.client.allocatedBytes > configuration.memoryLimit / 2)
        #expect(network.client.allocatedBytes <= configuration.memoryLimit)
    }

    @Test func peersBeyondTheLimitGetNoAnswer() {
        var configuration = ServerConfiguration()
        configuration.maximumPeersPerAddress = 1
        let network = VirtualNetwork(ClientConfiguration(), configuration)
        network.connect()
        var random = SeededRandom(seed: 5)
        let second = ClientHost(configuration: ClientConfiguration(), random: &random)
        second.connect(at: network.now)
        second.outgoing.forEach {
            try? network.server.receive($0, from: VirtualNetwork.address.with(port: 5), at: network.now)
        }
        network.server.advance(to: network.now)
        var answers = 0
        network.server.drainOutgoing { _, to in answers += to.port == 5 ? 1 : 0 }
        #expect(answers == 0 && network.server.connectedPeers.count == 1)
    }

    @Test func memoryIsGivenBack() {
        let network = VirtualNetwork()
        network.connect()
        let before = network.client.allocatedBytes
        for number in 0..<50 { _ = network.send([UInt8](repeating: 0, count: number * 100)) }
        network.run(for: 2000)
        #expect(network.seen.count == 51)
        #expect(network.client.allocatedBytes < before + 500)  // a ping may be on its way
    }
}
