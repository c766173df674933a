import Primitives
import Testing

@testable import ENet

/// The four ways by themselves: what they make of bytes, and of bytes that nobody compressed.
@Suite struct CompressionTests {
    static let ways = Compression.allCases.filter { $0 != .none }
    /// As large as libenet's buffer.
    static let room = 4096

    /// Game-like bytes: some repeat, some do not.
    static func mixed(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map {
            $0 % 8 < 5 ? UInt8(truncatingIfNeeded: $0 / 50) : UInt8.random(in: 0...255, using: &random)
        }
    }

    static func random(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    @Test(arguments: ways) func everySizeComesBack(way: Compression) throws {
        for size in Array(1...80) + [127, 255, 256, 263, 264, 265, 266, 267, 1000, 1388, 4094] {
            let zeros = [UInt8](repeating: 0, count: size)
            for bytes in [zeros, Self.mixed(size), Self.random(size, seed: UInt64(size))] {
                let compressed = try #require(way.compressed(bytes, room: 2 * size + 64))
                let restored = try #require(way.decompressed(compressed, room: Self.room))
                // FastLZ's are padded with zeros.
                let isSame = restored.starts(with: bytes) && restored.dropFirst(size).allSatisfy { $0 == 0 }
                #expect(isSame && (restored.count == size || (way == .fastlz && restored.count == 16)), "\(size)")
            }
        }
    }

    @Test(arguments: ways) func whatRepeatsGetsShort(way: Compression) throws {
        let bytes = (0..<1388).map { UInt8($0 / 100) }
        let compressed = try #require(way.compressed(bytes, room: 200))
        #expect(compressed.count < 200)
    }

    @Test(arguments: ways) func whatDoesNotFitIsNotWritten(way: Compression) throws {
        let bytes = Self.mixed(1000)
        let whole = try #require(way.compressed(bytes, room: 2000))
        for room in 0..<whole.count {
            #expect(way.compressed(bytes, room: room) == nil, "room for \(room)")
        }
        for room in stride(from: 0, to: bytes.count, by: 7) {
            #expect(way.decompressed(whole, room: room) == nil, "room for \(room)")
        }
        #expect(way.decompressed(whole, room: bytes.count) == bytes)
    }

    @Test(arguments: ways) func aPartIsNeverTheWhole(way: Compression) throws {
        let bytes = Self.mixed(1388)
        let whole = try #require(way.compressed(bytes, room: 2000))
        for count in 0..<whole.count {
            let part = way.decompressed(Array(whole.prefix(count)), room: Self.room)
            switch way {
            case .none, .zlib, .zstd: #expect(part == nil, "\(count)")
            case .fastlz: #expect(part.map { $0.count < bytes.count && bytes.starts(with: $0) } ?? true, "\(count)")
            // It ends when it finds an end, which may be after a few bytes of its own.
            case .rangeCoder: #expect(part != bytes || count + 4 >= whole.count, "\(count)")
            }
        }
    }

    @Test(arguments: ways) func anythingMayArrive(way: Compression) throws {
        var random = SeededRandom(seed: 7)
        let whole = try #require(way.compressed(Self.mixed(1388), room: 2000))
        for round in 0..<30_000 {
            var bytes = whole
            if round.isMultiple(of: 2) {
                bytes = Self.random(Int.random(in: 0...200, using: &random), seed: random.next())
            } else {
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
            }
            // `decompressed` looks whether anything was written beyond the room.
            _ = way.decompressed(bytes, room: Int.random(in: 0...Self.room, using: &random))
        }
    }

    /// A datagram's bytes that would be megabytes.
    @Test(arguments: ways) func aBombIsRefused(way: Compression) throws {
        let zeros = [UInt8](repeating: 0, count: way == .fastlz ? 65_000 : 1 << 20)
        let bomb = try #require(way.compressed(zeros, room: 1 << 17))
        #expect(way.decompressed(bomb, room: Self.room) == nil)
    }

    @Test func zstdTakesOneFrameOfTodaysFormat() throws {
        let frame = try #require(Compression.zstd.compressed(Self.mixed(500), room: 2000))
        #expect(Compression.zstd.decompressed(frame + frame, room: Self.room) == nil)
        #expect(Compression.zstd.decompressed(frame + [0], room: Self.room) == nil)
        // A frame to be skipped (RFC 8878 §3.1.2), and the format of zstd 0.7.
        #expect(Compression.zstd.decompressed([0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0] + frame, room: Self.room) == nil)
        #expect(Compression.zstd.decompressed([0x27, 0xB5, 0x2F, 0xFD] + frame.dropFirst(4), room: Self.room) == nil)
    }
}

extension Compression {
    func compressed(_ bytes: [UInt8], room: Int) -> [UInt8]? {
        Self.inGuardedRoom(room) { room in bytes.withUnsafeBytes { compress($0, into: room) } }
    }

    func decompressed(_ bytes: [UInt8], room: Int) -> [UInt8]? {
        Self.inGuardedRoom(room) { room in bytes.withUnsafeBytes { decompress($0, into: room) } }
    }

    /// Fails when a byte around the room is written.
    private static func inGuardedRoom(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int?) -> [UInt8]? {
        let margin = 64
        var room = [UInt8](repeating: 0xA5, count: count + 2 * margin)
        let used = room.withUnsafeMutableBytes {
            body(UnsafeMutableRawBufferPointer(rebasing: $0[margin..<margin + count]))
        }
        let around = room.prefix(margin) + room.suffix(margin)
        if !around.allSatisfy({ $0 == 0xA5 }) || (used ?? 0) > count {
            Issue.record("\(used ?? 0) bytes were written to room for \(count)")
        }
        return used.map { Array(room[margin..<margin + $0]) }
    }
}
