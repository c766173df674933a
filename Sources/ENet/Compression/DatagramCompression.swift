// A datagram's contents, compressed and back. libenet's own hook for it (`enet_host_compress`) is left alone: a host
// here must be able to say when it begins to compress, and what it could not read. And libenet gives its range coder
// the commands in pieces, of which 1.3.17 reads the first byte even if there is none: an empty packet is its end.
import CENet

extension Compression {
    /// Compresses in place what follows the header of a datagram, if that makes it shorter; nothing if not.
    ///
    /// - Returns: The datagram's length then.
    func shorten(_ datagram: UnsafeMutableRawBufferPointer) -> Int {
        guard let header = DatagramHeader(UnsafeRawBufferPointer(datagram)) else { return datagram.count }
        let contents = UnsafeMutableRawBufferPointer(rebasing: datagram[header.length...])
        guard contents.count > 1 else { return datagram.count }
        return withUnsafeTemporaryAllocation(byteCount: contents.count - 1, alignment: 1) { room in
            guard let count = compress(UnsafeRawBufferPointer(contents), into: room) else { return datagram.count }
            contents.copyMemory(from: UnsafeRawBufferPointer(rebasing: room[..<count]))
            datagram[0] |= DatagramHeader.compressedBit
            return header.length + count
        }
    }

    /// Lays out in `room` a datagram as it was before it was compressed.
    ///
    /// - Returns: The bytes used; nil when it was not compressed this way, or `room` is too small.
    func restore(
        _ datagram: UnsafeRawBufferPointer, _ header: DatagramHeader, into room: UnsafeMutableRawBufferPointer
    ) -> Int? {
        guard room.count >= header.length else { return nil }
        let rest = UnsafeMutableRawBufferPointer(rebasing: room[header.length...])
        let compressed = UnsafeRawBufferPointer(rebasing: datagram[header.length...])
        guard let count = decompress(compressed, into: rest),
            DatagramCommands.areWhole(UnsafeRawBufferPointer(rebasing: rest[..<count]))
        else { return nil }
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: datagram[..<header.length]))
        room[0] &= ~DatagramHeader.compressedBit
        return header.length + count
    }

    /// How a datagram was compressed, found by trying; nil when none of our ways reads it.
    init?(of datagram: UnsafeRawBufferPointer, _ header: DatagramHeader) {
        let found = withUnsafeTemporaryAllocation(byteCount: Int(ENET_PROTOCOL_MAXIMUM_MTU), alignment: 1) { room in
            Self.allCases.first { $0.restore(datagram, header, into: room) != nil }
        }
        guard let found else { return nil }
        self = found
    }
}
