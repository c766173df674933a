import Primitives
import Testing

@Suite struct PacketArenaTests {
    func packets(_ arena: PacketArena) -> [[UInt8]] {
        var packets: [[UInt8]] = []
        arena.forEach { packets.append(Array($0)) }
        return packets
    }

    func append(_ packet: [UInt8], to arena: inout PacketArena) {
        packet.withUnsafeBytes { arena.append($0) }
    }

    @Test func keepsPacketsApartAndInOrder() {
        var arena = PacketArena()
        #expect(arena.isEmpty)
        let expected: [[UInt8]] = [[1, 2, 3], [], [4]]
        for packet in expected {
            append(packet, to: &arena)
        }
        #expect(packets(arena) == expected)
        #expect(arena.count == 3 && arena.byteCount == 4 && !arena.isEmpty)
        #expect((0..<3).map { arena.withPacket($0) { Array($0) } } == expected)
        arena.removeAll()
        #expect(arena.isEmpty && arena.byteCount == 0 && packets(arena).isEmpty)
        append([9], to: &arena)
        #expect(packets(arena) == [[9]])
    }

    /// A burst costs memory as long as it is there; a steady stream allocates nothing.
    @Test func keepsNoMoreThanItMay() {
        let (small, large) = ([UInt8](repeating: 1, count: 900), [UInt8](repeating: 2, count: 1_100))
        var arena = PacketArena(keptBytes: 1_000)
        var others = PacketArena()
        for packet in [small, large] {
            append(packet, to: &arena)
            append(packet, to: &others)
            arena.removeAll()
            others.removeAll()
            #expect(arena.capacity >= 900 || packet == large)
            #expect(arena.capacity == 0 || packet == small)
            #expect(others.capacity >= packet.count)
        }
        append(small, to: &arena)
        #expect(packets(arena) == [small])
    }

    @Test func writtenInPlace() {
        var arena = PacketArena()
        append([1], to: &arena)
        arena.append(capacity: 8) { bytes in
            #expect(bytes.count == 8)
            bytes[0] = 2
            bytes[1] = 3
            return 2
        }
        arena.append(capacity: 8) { _ in nil }
        arena.append(capacity: 2) { _ in 100 }
        arena.append(capacity: 2) { _ in -1 }
        #expect(packets(arena) == [[1], [2, 3], [0, 0], []])
    }
}
