import CENet
import Glibc
import Testing

@testable import ENet

@Suite struct HostMemoryTests {
    private static let buffers = Int(torii_enet_packet_data_offset)
    private static let bufferSize = Int(ENET_PROTOCOL_MAXIMUM_MTU)
    private static let page = Int(getpagesize())

    /// More than one piece has room for.
    @Test(.enabled(if: HostMemory.isOfUse)) func hostsHaveTheirMemoryToThemselves() throws {
        let memory = HostMemory()
        let whole = SocketLayer.blockHeader + HostMemory.hostSize
        let blocks = try (0..<150).map { _ in try #require(memory.take()) }
        #expect(blocks.allSatisfy { (Int(bitPattern: $0) + SocketLayer.blockHeader + Self.buffers) % Self.page == 0 })
        for (number, block) in blocks.enumerated() { memset(block, Int32(number), whole) }
        for (number, block) in blocks.enumerated() {
            let bytes = UnsafeRawBufferPointer(start: block, count: whole)
            #expect(bytes.allSatisfy { $0 == UInt8(number) }, "\(number)")
        }
    }

    @Test(.enabled(if: HostMemory.isOfUse)) func whatWasGivenBackIsTakenAgain() throws {
        let memory = HostMemory()
        let blocks = try (0..<150).map { _ in try #require(memory.take()) }
        blocks.dropFirst(10).forEach(memory.giveBack)
        let again = try (0..<54).map { _ in try #require(memory.take()) }
        #expect(again.allSatisfy(blocks.contains))
        #expect(Set(again).isDisjoint(with: blocks.prefix(10)))
    }

    /// Nearly three pages without it.
    @Test(.enabled(if: HostMemory.isOfUse)) func theSecondBufferTakesNoMemory() throws {
        let port = HostPort(memoryLimit: 1 << 20, hostMemory: HostMemory())
        let (host, _) = SocketLayer.makeClient(on: port, channelCount: 2)
        defer { SocketLayer.use(port) { enet_host_destroy(host) } }
        let first = UnsafeMutableRawPointer(host) + Self.buffers
        #expect(Self.isResident(first))
        #expect(!Self.isResident(first + Self.bufferSize))
    }

    /// The game's server, the bots and tests have few.
    @Test func aHostNeedsNoMemoryOfTheKind() throws {
        let port = HostPort(memoryLimit: 1 << 20)
        let (host, _) = SocketLayer.makeClient(on: port, channelCount: 2)
        SocketLayer.use(port) { enet_host_destroy(host) }
        #expect(port.allocatedBytes == 0)
    }

    private static func isResident(_ page: UnsafeMutableRawPointer) -> Bool {
        var state: UInt8 = 0
        return mincore(page, Self.page, &state) == 0 && state & 1 == 1
    }
}
