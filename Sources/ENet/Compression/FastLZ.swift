/// FastLZ, from the description of its format (https://github.com/ariya/FastLZ, "Block Format") and what its own
/// programs read and write: blocks of level 1 are written, those of levels 1 and 2 are read.
///
/// A block is a sequence of instructions, the first a run of literals. The three high bits of an instruction's first
/// byte tell its kind; in a block's first byte they are the block's level instead, less one.
///
/// | high bits | then | means |
/// |---|---|---|
/// | 0 | low bits + 1 bytes | copy these |
/// | 1 … 6 | offset | copy high bits + 2 bytes from earlier output |
/// | 7 | length, offset | copy length + 9 bytes from earlier output |
///
/// The offset is the low five bits and one byte more, in this order; 0 is the last byte written. On level 2 a length
/// goes on after each 255, and the largest offset is followed by 16 bits to be added.
enum FastLZ {
    // From the format.
    static let longestLiterals = 32
    static let shortestMatch = 3
    /// The first length that needs a byte of its own.
    static let firstLongMatch = 9
    static let longestMatch = 264
    /// How far back level 1 reaches.
    static let largestDistance = 8192

    // From Godot (`core/io/compression.cpp`).
    /// Less is made this long with zeros before it is compressed, and stays so: ENet's commands end at a zero.
    static let shortestSource = 16

    static func compressPadded(_ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int? {
        guard source.count < shortestSource else { return compress(source, into: room) }
        return withUnsafeTemporaryAllocation(byteCount: shortestSource, alignment: 1) { padded in
            padded.initializeMemory(as: UInt8.self, repeating: 0)
            padded.copyMemory(from: source)
            return compress(UnsafeRawBufferPointer(padded), into: room)
        }
    }
}
