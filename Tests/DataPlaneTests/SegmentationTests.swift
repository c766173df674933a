import CSockets
import Glibc
import Primitives
import SimulationSupport
import Testing

@testable import DataPlane

/// Datagrams in a row that the kernel is handed as one message, over real sockets on loopback.
@Suite struct SegmentationTests {
    /// Sizes that come in a row, some of them too many or too large together for one message.
    private static let sizes =
        [1200, 1200, 1200, 40, 1200, 1200, 1300, 0, 0, 7, 7, 1] + Array(repeating: 1150, count: 60)

    @Test(arguments: [Loopback.ipv4, Loopback.ipv6], [false, true])
    func eachArrivesAsItWas(host: TransportAddress, isConnected: Bool) throws {
        let receiver = try UDPSocket(boundTo: host)
        let sender = try isConnected ? UDPSocket(connectedTo: receiver.address) : UDPSocket(boundTo: host)
        let datagrams = Self.sizes.enumerated().map { number, size in [UInt8](repeating: UInt8(number), count: size) }
        let batch = DatagramBatch()
        #expect(batch.send(datagrams, to: isConnected ? nil : try receiver.address, on: sender) == .init())
        #expect(try received(datagrams.count, on: receiver) == datagrams)
    }

    /// Only those in a row to the same receiver belong together, whatever the order.
    @Test(arguments: 1...20) func eachArrivesWhereItShould(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let receivers = try (0..<3).map { _ in try UDPSocket(boundTo: Loopback.ipv4) }
        let addresses = try receivers.map { try $0.address }
        let sender = try UDPSocket(boundTo: Loopback.ipv4)
        let batch = DatagramBatch()
        let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1200, alignment: 1)
        defer { storage.deallocate() }
        var expected = [[[UInt8]]](repeating: [], count: receivers.count)
        var (place, at) = (0, 0)
        for number in 0..<DatagramBatch.capacity {
            if Int.random(in: 0..<4, using: &random) == 0 { place = .random(in: 0..<3, using: &random) }
            let size: Int = Int.random(in: 0..<5, using: &random) == 0 ? .random(in: 0..<300, using: &random) : 300
            let bytes = UnsafeMutableRawBufferPointer(rebasing: storage[at..<at + size])
            bytes.copyBytes(from: repeatElement(UInt8(number), count: size))
            at += size
            #expect(batch.stage(UnsafeRawBufferPointer(bytes), to: addresses[place], on: sender))
            expected[place].append(Array(bytes))
        }
        #expect(batch.send(on: sender) == .init())
        for (receiver, datagrams) in zip(receivers, expected) where !datagrams.isEmpty {
            #expect(try received(datagrams.count, on: receiver) == datagrams)
        }
    }

    /// Who asks the kernel not to cut what it has whole gets all of them at once.
    @Test func aRowGoesThroughTheKernelOnce() throws {
        let receiver = try UDPSocket(boundTo: Loopback.ipv4)
        SocketOption.set(receiver.descriptor, Int32(IPPROTO_UDP), UDP_GRO, 1)
        let sender = try UDPSocket(connectedTo: receiver.address)
        let datagrams = (0..<9).map { [UInt8](repeating: UInt8($0), count: 1000) } + [[9]]
        #expect(DatagramBatch().send(datagrams, to: nil, on: sender) == .init())
        #expect(try received(1, on: receiver) == [datagrams.flatMap { $0 }])
    }

    /// As a kernel does that cannot cut them, for one that is not to make checksums.
    @Test func whatCannotBeCutIsSentOneByOne() throws {
        let receiver = try UDPSocket(boundTo: Loopback.ipv4)
        let sender = try UDPSocket(connectedTo: receiver.address)
        SocketOption.set(sender.descriptor, SOL_SOCKET, SO_NO_CHECK, 1)
        let datagrams = (0..<10).map { [UInt8](repeating: UInt8($0), count: 1000) } + [[10], [11, 11]]
        #expect(DatagramBatch().send(datagrams, to: nil, on: sender) == .init())
        #expect(try received(datagrams.count, on: receiver) == datagrams)
    }

    private func received(_ count: Int, on socket: UDPSocket) throws -> [[UInt8]] {
        let batch = DatagramBatch()
        var datagrams: [[UInt8]] = []
        while datagrams.count < count {
            datagrams += try batch.received(on: socket).map { try #require($0.bytes) }
        }
        return datagrams
    }
}
