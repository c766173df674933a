import Foundation
import Testing

@testable import ENet

/// Against blocks that FastLZ 0.5 made (Fixtures/fastlz), and by the letter of the format.
@Suite struct FastLZTests {
    struct Vector: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let bytes: [UInt8]
        let block: String
    }

    static let vectors = [
        Vector(testDescription: "waves, level 1", bytes: waves, block: "waves-1"),
        Vector(testDescription: "waves, level 2", bytes: waves, block: "waves-2"),
        Vector(testDescription: "far, level 1", bytes: far, block: "far-1"),
        Vector(testDescription: "far, level 2", bytes: far, block: "far-2"),
    ]

    /// As Fixtures/fastlz/README.md says.
    private static let waves = (0..<300).map { UInt8($0 * $0 / 64 % 7) }
    /// What comes again is farther away than level 1 reaches.
    private static let far: [UInt8] = Array(1...40) + [UInt8](repeating: 0, count: 9000) + Array(1...40)

    @Test(arguments: vectors) func itsOwnBlocksAreRead(vector: Vector) throws {
        let block = try fixture(vector.block)
        #expect(Compression.fastlz.decompressed(block, room: vector.bytes.count) == vector.bytes)
        #expect(Compression.fastlz.decompressed(block, room: vector.bytes.count - 1) == nil)
        for count in 0..<block.count {
            let part = Compression.fastlz.decompressed(Array(block.prefix(count)), room: vector.bytes.count)
            #expect(part.map { vector.bytes.starts(with: $0) && $0 != vector.bytes } ?? true)
        }
    }

    @Test(
        arguments: [
            // Four literals; of which three again; a run of one byte; a long match.
            ([0x03, 1, 2, 3, 4], [1, 2, 3, 4]),
            ([0x03, 1, 2, 3, 4, 0x20, 2], [1, 2, 3, 4, 2, 3, 4]),
            ([0x00, 9, 0x40, 0], [9, 9, 9, 9, 9]),
            ([0x01, 5, 6, 0xE0, 1, 1], [5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6]),
            // Level 2: the same length, and one that goes on.
            ([0x21, 5, 6, 0xE0, 1, 1], [5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6]),
            ([0x20, 7, 0xE0, 255, 0, 0], [UInt8](repeating: 7, count: 265)),
        ] as [([UInt8], [UInt8])]) func theFormatIsRead(block: [UInt8], bytes: [UInt8])
    {
        #expect(Compression.fastlz.decompressed(block, room: bytes.count) == bytes)
    }

    @Test(
        arguments: [
            [], [0x40, 1], [0xFF, 1], [0x03, 1, 2, 3], [0x00, 1, 0x20], [0x00, 1, 0xE0], [0x00, 1, 0xE0, 1],
            [0x20, 1, 0xE0, 255], [0x20, 1, 0xFF, 0, 255, 0],
            // Before the first byte.
            [0x00, 1, 0x20, 1], [0x00, 1, 0x3F, 255], [0x20, 1, 0x3F, 255, 255, 255],
        ] as [[UInt8]]) func whatIsNoBlockIsRefused(block: [UInt8])
    {
        #expect(Compression.fastlz.decompressed(block, room: 4096) == nil)
    }

    private func fixture(_ name: String, file: String = #filePath) throws -> [UInt8] {
        let root = URL(fileURLWithPath: file)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Fixtures/fastlz/\(name).hex"), encoding: .utf8)
        return try text.split(whereSeparator: \.isWhitespace).map { try #require(UInt8($0, radix: 16)) }
    }
}
