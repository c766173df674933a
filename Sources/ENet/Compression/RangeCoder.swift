import CENet

/// libenet's range coder.
final class RangeCoder {
    private let context: UnsafeMutableRawPointer

    /// Nil when there is no memory.
    init?() {
        precondition(SocketLayer.isAllocatorInstalled, "libenet refused its memory callbacks.")
        // It is no host's memory, whoever asks first.
        guard let context = SocketLayer.withoutPort({ enet_range_coder_create() }) else { return nil }
        self.context = context
    }

    deinit {
        SocketLayer.withoutPort { enet_range_coder_destroy(context) }
    }

    func compress(_ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int? {
        var buffer = ENetBuffer(data: UnsafeMutableRawPointer(mutating: source.baseAddress), dataLength: source.count)
        let count = enet_range_coder_compress(
            context, &buffer, 1, source.count, room.baseAddress?.assumingMemoryBound(to: UInt8.self), room.count)
        return count > 0 ? count : nil
    }

    func decompress(_ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int? {
        let count = enet_range_coder_decompress(
            context, source.baseAddress?.assumingMemoryBound(to: UInt8.self), source.count,
            room.baseAddress?.assumingMemoryBound(to: UInt8.self), room.count)
        return count > 0 ? count : nil
    }
}
