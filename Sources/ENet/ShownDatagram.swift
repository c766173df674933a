import CENet
import Primitives

/// A datagram of ENet's as a capture shows it: decompressed and, unless it is asked for, with zeros for all that a page or
/// a game wrote: packets, and the data words of CONNECT and DISCONNECT, which may be a secret of the game's.
///
/// Left out: libenet's checksum, which no connection here has.
public struct ShownDatagram {
    public let bytes: [UInt8]
    /// Bytes it had on the wire, where it was compressed and is shown as it was before.
    public let compressedCount: Int?
    /// Whether all of it was commands. Otherwise the rest is zeros, or as it was if all is to be shown.
    public let isWhole: Bool

    // From libenet's protocol.h: commands that end with a data word, and its length.
    private static let withDataWord = [ENET_PROTOCOL_COMMAND_CONNECT, ENET_PROTOCOL_COMMAND_DISCONNECT].map(\.rawValue)
    private static let dataWordLength = 4

    public init(_ datagram: UnsafeRawBufferPointer, compression: Compression, keepsPayloads: Bool) {
        let header = DatagramHeader(datagram)
        var bytes = [UInt8](datagram)
        var compressedCount: Int?
        if let header, header.isCompressed, let restored = Self.restore(datagram, header, compression) {
            compressedCount = datagram.count
            bytes = restored
        }
        self.compressedCount = compressedCount
        guard let header, !header.isCompressed || compressedCount != nil else {
            // Nothing behind a header that is there can be read.
            isWhole = false
            self.bytes = keepsPayloads ? bytes : Self.zeros(bytes, from: header?.length ?? 0)
            return
        }
        let end = Self.read(&bytes, from: header.length, redacts: !keepsPayloads)
        // FastLZ takes no less than a certain length, so that short datagrams are padded.
        if compressedCount != nil { bytes.removeSubrange(end...) }
        isWhole = end == bytes.count
        self.bytes = isWhole || keepsPayloads ? bytes : Self.zeros(bytes, from: end)
    }

    private static func restore(
        _ datagram: UnsafeRawBufferPointer, _ header: DatagramHeader, _ compression: Compression
    ) -> [UInt8]? {
        withUnsafeTemporaryAllocation(byteCount: HostPort.maximumDatagramSize, alignment: 1) { room in
            compression.restore(datagram, header, into: room).map { [UInt8](room[..<$0]) }
        }
    }

    /// Returns where the commands end.
    private static func read(_ bytes: inout [UInt8], from start: Int, redacts: Bool) -> Int {
        bytes.withUnsafeMutableBytes { bytes in
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
            var commands = DatagramCommands(UnsafeRawBufferPointer(rest))
            var begin = 0
            while let command = commands.next() {
                let isDataWord = withDataWord.contains(UInt32(command[0]) & ENET_PROTOCOL_COMMAND_MASK.rawValue)
                let shown = begin + command.count - (isDataWord ? dataWordLength : 0)
                if redacts {
                    UnsafeMutableRawBufferPointer(rebasing: rest[shown..<commands.offset])
                        .initializeMemory(as: UInt8.self, repeating: 0)
                }
                begin = commands.offset
            }
            return start + begin
        }
    }

    private static func zeros(_ bytes: [UInt8], from start: Int) -> [UInt8] {
        bytes[..<start] + [UInt8](repeating: 0, count: bytes.count - start)
    }
}
