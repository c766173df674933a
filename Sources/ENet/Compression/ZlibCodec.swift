import CZlib

/// One zlib stream (RFC 1950) for each datagram.
final class ZlibCodec {
    // Our choice.
    /// A datagram has at most 4,096 bytes, so a window of as many finds all there is to find. Who decompresses need
    /// not know.
    private static let windowBits: Int32 = 12
    /// Of 1 … 9. With this one the tables take 16 KiB, and are soon cleared.
    private static let memoryLevel: Int32 = 5
    // From the specification.
    /// The largest window a stream may ask for.
    private static let largestWindowBits: Int32 = 15

    /// zlib's states point back at these, which therefore never move.
    private let deflater: UnsafeMutablePointer<z_stream>
    private let inflater: UnsafeMutablePointer<z_stream>

    /// Nil when there is no memory.
    init?() {
        let size = Int32(MemoryLayout<z_stream>.size)
        deflater = .allocate(capacity: 1)
        deflater.initialize(to: z_stream())
        inflater = .allocate(capacity: 1)
        inflater.initialize(to: z_stream())
        let isReady =
            deflateInit2_(
                deflater, Z_DEFAULT_COMPRESSION, Z_DEFLATED, Self.windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY,
                ZLIB_VERSION, size) == Z_OK
            && inflateInit2_(inflater, Self.largestWindowBits, ZLIB_VERSION, size) == Z_OK
        guard isReady else { return nil }
    }

    deinit {
        deflateEnd(deflater)
        inflateEnd(inflater)
        deflater.deallocate()
        inflater.deallocate()
    }

    func compress(_ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int? {
        guard deflateReset(deflater) == Z_OK else { return nil }
        return Self.run(deflater, source, room) { deflate($0, Z_FINISH) }
    }

    func decompress(_ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int? {
        guard inflateReset(inflater) == Z_OK else { return nil }
        return Self.run(inflater, source, room) { inflate($0, Z_FINISH) }
    }

    private static func run(
        _ stream: UnsafeMutablePointer<z_stream>, _ source: UnsafeRawBufferPointer,
        _ room: UnsafeMutableRawBufferPointer, _ step: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> Int? {
        guard let input = UInt32(exactly: source.count), let output = UInt32(exactly: room.count) else { return nil }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = input
        stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = output
        defer {
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
        }
        guard step(stream) == Z_STREAM_END else { return nil }
        return room.count - Int(stream.pointee.avail_out)
    }
}
