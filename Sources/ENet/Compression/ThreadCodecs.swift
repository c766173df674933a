import Glibc

/// What the compressors work in, one for each thread and made when first needed: a host's datagrams stand for
/// themselves, so nothing need be kept between two of them, and a player costs none of this memory.
///
/// Measured: the range coder's 64 KiB, zlib's 77 KiB (32 of them once a datagram would have become too long), zstd's
/// 134 KiB. FastLZ takes 4 KiB of the stack.
final class ThreadCodecs {
    private(set) lazy var rangeCoder = RangeCoder()
    private(set) lazy var zlib = ZlibCodec()
    private(set) lazy var zstd = ZstdCodec()

    /// This thread's own, until it ends.
    static var current: ThreadCodecs {
        if let known = pthread_getspecific(key) {
            return Unmanaged<ThreadCodecs>.fromOpaque(known).takeUnretainedValue()
        }
        let codecs = ThreadCodecs()
        pthread_setspecific(key, Unmanaged.passRetained(codecs).toOpaque())
        return codecs
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key) { codecs in
            guard let codecs else { return }
            Unmanaged<ThreadCodecs>.fromOpaque(codecs).release()
        }
        precondition(status == 0, "The process has no thread-local key left for ENet's compressors.")
        return key
    }()
}
