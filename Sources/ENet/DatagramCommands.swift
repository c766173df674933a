import Primitives

/// The commands of an ENet datagram, after its header (libenet, `protocol.h`).
struct DatagramCommands {
    /// The kind of command; its high bits are flags.
    private static let kindMask: UInt8 = 0x0F
    /// A command's own bytes, by kind; 0 is no command.
    private static let sizes = [0, 8, 48, 44, 8, 4, 6, 8, 24, 8, 12, 16, 24, 0, 0, 0]
    /// Where the two bytes are that tell how much data follows, by kind; 0 where none does.
    private static let dataLengthOffsets = [0, 0, 0, 0, 0, 0, 4, 6, 6, 6, 0, 0, 6, 0, 0, 0]

    private var reader: ByteReader

    init(_ bytes: UnsafeRawBufferPointer) {
        reader = ByteReader(bytes)
    }

    /// Bytes up to the end of the last command that was read, its data included.
    var offset: Int { reader.offset }

    /// The next command without its data; nil at the end, or where the bytes are no command.
    mutating func next() -> UnsafeRawBufferPointer? {
        guard reader.remaining > 0 else { return nil }
        let kind = Int(reader.bytes[reader.offset] & Self.kindMask)
        var rest = reader
        guard Self.sizes[kind] > 0, let command = rest.readBytes(Self.sizes[kind]) else { return nil }
        let offset = Self.dataLengthOffsets[kind]
        if offset > 0 {
            guard rest.skip(Int(command[offset]) << 8 | Int(command[offset + 1])) else { return nil }
        }
        reader = rest
        return command
    }

    /// Whether the bytes are commands to the last, with nothing behind them but a few zeros (see
    /// `FastLZ.shortestSource`): as good as certain only for what really was a datagram.
    static func areWhole(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var commands = DatagramCommands(bytes)
        var count = 0
        while commands.next() != nil { count += 1 }
        let rest = bytes[commands.offset...]
        return count > 0 && rest.count < FastLZ.shortestSource && rest.allSatisfy { $0 == 0 }
    }
}
