import CZstd

/// One zstd frame (RFC 8878) for each datagram, without a dictionary.
final class ZstdCodec {
    // Our choice.
    /// Godot's, and zstd's own default.
    private static let level: Int32 = 3

    private let compressor: OpaquePointer
    private let decompressor: OpaquePointer

    /// Nil when there is no memory.
    init?() {
        guard let compressor = ZSTD_createCCtx() else { return nil }
        guard let decompressor = ZSTD_createDCtx() else {
            ZSTD_freeCCtx(compressor)
            return nil
        }
        self.compressor = compressor
        self.decompressor = decompressor
    }

    deinit {
        ZSTD_freeCCtx(compressor)
        ZSTD_freeDCtx(decompressor)
    }

    func compress(_ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int? {
        let count = ZSTD_compressCCtx(
            compressor, room.baseAddress, room.count, source.baseAddress, source.count, Self.level)
        return ZSTD_isError(count) == 0 ? count : nil
    }

    func decompress(_ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int? {
        // One frame and nothing after it, of today's format: for those of old, zstd would make decoders of their own.
        guard source.count >= MemoryLayout<UInt32>.size,
            UInt32(littleEndian: source.loadUnaligned(as: UInt32.self)) == UInt32(ZSTD_MAGICNUMBER),
            ZSTD_findFrameCompressedSize(source.baseAddress, source.count) == source.count
        else { return nil }
        let count = ZSTD_decompressDCtx(decompressor, room.baseAddress, room.count, source.baseAddress, source.count)
        return ZSTD_isError(count) == 0 ? count : nil
    }
}
