import CENet
import Primitives
import Testing

@testable import ENet

/// Client and server with the same way of compressing, and with different ones.
@Suite struct CompressionAgreementTests {
    struct Pair: CustomTestStringConvertible, Sendable {
        let client: Compression
        let server: Compression
        var testDescription: String { "\(client) to \(server)" }
    }

    static let differing = Compression.allCases.flatMap { client in
        Compression.allCases.filter { $0 != client }.map { Pair(client: client, server: $0) }
    }

    private static let repeating = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 / 100) }

    private func network(seed: UInt64 = 1, _ client: Compression, _ server: Compression) -> VirtualNetwork {
        var clientConfiguration = ClientConfiguration()
        clientConfiguration.compression = client
        var serverConfiguration = ServerConfiguration()
        serverConfiguration.compression = server
        return VirtualNetwork(seed: seed, clientConfiguration, serverConfiguration)
    }

    @Test(arguments: Compression.allCases) func theSameOnBothSidesCarriesEverything(compression: Compression) {
        let network = network(compression, compression)
        network.connect()
        #expect(network.client.isAccepted)
        for delivery in Delivery.allCases {
            #expect(network.send(Array(Self.repeating.prefix(1000)), channel: 1, delivery) == .queued)
        }
        #expect(network.send([], channel: 3) == .queued)
        #expect(network.send(Self.repeating, channel: 2) == .queued)
        network.run(for: 3000)
        let packets = network.seen.compactMap(\.payload)
        #expect(packets.count == 5)
        #expect(packets.allSatisfy { Self.repeating.starts(with: $0) && [0, 1000, 60_000].contains($0.count) })
        for bytes in [network.bytesToServer, network.bytesToClient] {
            #expect(compression == .none ? bytes > 63_000 : bytes < 20_000, "\(bytes)")
        }
    }

    /// What both sides say while they connect is compressed by the server and not by us, and that takes no round trip
    /// of its own.
    @Test(arguments: Compression.allCases) func agreeingTakesNoTimeOfItsOwn(compression: Compression) {
        let network = network(compression, compression)
        network.client.connect(at: network.now)
        network.run(for: 39)
        #expect(!network.client.isAccepted)
        network.run(for: 2)
        #expect(network.client.isAccepted)
    }

    @Test(arguments: differing) func anotherOnTheServerIsFound(pair: Pair) throws {
        let network = network(pair.client, pair.server)
        network.connect()
        if network.seen == [.connected], pair.server != .none {
            // zstd 1.5.4 makes nothing of what is as short as the commands of a handshake; the first data shows it.
            #expect(pair.server == .zstd)
            #expect(network.sendFromServer(Self.repeating, channel: 1) == .queued)
        }
        network.run(for: 3000)
        #expect(network.client.isAccepted == false || pair.client == .none)
        let finding: CompressionMismatch.Finding =
            pair.server == .none ? .serverReadsNothingCompressed : .serverUses(pair.server)
        let mismatch = CompressionMismatch(configured: pair.client, finding: finding)
        #expect(network.seen.last == .compressionMismatch(mismatch))
        #expect(network.client.nextDeadline == nil)
        if network.serverPeer != nil {
            #expect(network.serverDisconnect == 0)
        }
    }

    /// The server has only short things to say, and does not answer what it cannot read.
    @Test(arguments: [Compression.rangeCoder, .zlib, .fastlz]) func aServerOfFewWordsIsFoundToo(client: Compression) {
        let network = network(client, .zstd)
        network.connect()
        network.run(for: 2500)
        let findings: [CompressionMismatch.Finding] = [.serverReadsNothingCompressed, .serverUses(.zstd)]
        let ends = findings.map { Seen.compressionMismatch(CompressionMismatch(configured: client, finding: $0)) }
        #expect(network.seen.last.map(ends.contains) == true)
    }

    /// Of both kinds: zlib shows in the first datagram, zstd in the acknowledgement of what we compress.
    @Test(arguments: [Compression.zlib, .zstd], 1...40 as ClosedRange<UInt64>)
    func aLossyWayIsNotTakenForAnotherCompression(compression: Compression, seed: UInt64) {
        let network = network(seed: seed, compression, compression)
        network.client.connect(at: network.now)
        network.run(for: 25)
        network.lossPerMille = 300
        network.run(for: 4000)
        #expect(network.client.isAccepted)
        #expect(network.seen == [.connected])
    }

    /// Bytes that make no sense end nothing any more once both are known to agree.
    @Test func whatIsBrokenLaterIsDropped() throws {
        let network = network(.zlib, .zlib)
        network.connect()
        let header = network.client.withPeer { [0x40 | $0.pointee.incomingSessionID << 4, 0] }
        #expect(refusal(of: header + [1, 2, 3], network) == .serverDatagramCompressed)
        #expect(network.send([1]) == .queued)
        network.run(for: 100)
        #expect(network.seen == [.connected, .packet(channel: 0, .reliable, [1])])
    }

    /// Another connection's datagram, or a stranger's.
    @Test func whatIsNotOfThisConnectionEndsNothing() throws {
        let network = network(.none, .none)
        network.connect()
        let session = network.client.withPeer { $0.pointee.incomingSessionID }
        #expect(refusal(of: [0x40 | (session ^ 1) << 4, 0, 1, 2, 3], network) == .serverDatagramCompressed)
        #expect(refusal(of: [0x40 | session << 4, 7, 1, 2, 3], network) == .serverDatagramCompressed)
        network.run(for: 100)
        #expect(network.seen == [.connected])
        #expect(refusal(of: [0x40 | session << 4, 0, 1, 2, 3], network) == .serverDatagramCompressed)
        network.run(for: 100)
        let mismatch = CompressionMismatch(configured: .none, finding: .serverUsesAnother)
        #expect(network.seen == [.connected, .compressionMismatch(mismatch)])
    }

    private func refusal(of datagram: [UInt8], _ network: VirtualNetwork) -> DropReason? {
        datagram.withUnsafeBytes { bytes in
            do throws(DropReason) {
                try network.client.receive(bytes, at: network.now)
                return nil
            } catch {
                return error
            }
        }
    }

    /// Small datagrams that become large ones are served, and their memory used again, after a few.
    @Test func whatGrowsIsServedSooner() throws {
        let port = HostPort(memoryLimit: 1 << 20, compression: .zlib)
        // One unreliable packet of 4,000 zeros.
        var datagram = [0, 0, 7, 0, 0, 0, 0, 0, 0x0F, 0xA0].map { UInt8($0) } + [UInt8](repeating: 0, count: 4000)
        let count = datagram.withUnsafeMutableBytes { Compression.zlib.shorten($0) }
        #expect(count < 60)
        for _ in 0..<16 {
            #expect(!port.isStageFull)
            try datagram.withUnsafeBytes {
                try port.stage(UnsafeRawBufferPointer(rebasing: $0[..<count]), from: HostPort.serverPlaceholder)
            }
        }
        // 16 × 4,010 bytes and one more are beyond 64 KiB.
        try datagram.withUnsafeBytes {
            try port.stage(UnsafeRawBufferPointer(rebasing: $0[..<count]), from: HostPort.serverPlaceholder)
        }
        #expect(port.isStageFull)
    }
}
