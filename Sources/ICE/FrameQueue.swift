import Primitives

/// Datagrams for one connection, framed (RFC 4571 §2), as bytes that the network has not taken yet.
public struct FrameQueue: Sendable {
    // Our choice.
    /// Bytes that may wait, lengths included. What does not fit is lost as a network loses it, which DTLS and SCTP repair.
    public static let byteLimit = 256 * 1024
    /// Bytes of memory that are kept while nothing waits.
    private static let idleCapacity = 16 * 1024

    private var storage: [UInt8] = []
    /// Bytes of `storage` that were taken already.
    private var taken = 0

    public init() {}

    public var isEmpty: Bool { taken == storage.count }
    /// Bytes that wait.
    public var count: Int { storage.count - taken }

    /// Appends a datagram as one frame; false, and nothing appended, when there is no room for all of it. It must be
    /// shorter than 64 KiB, as every datagram is.
    public mutating func append(_ datagram: UnsafeRawBufferPointer) -> Bool {
        guard let length = UInt16(exactly: datagram.count),
            count + FrameDecoder.headerSize + datagram.count <= Self.byteLimit
        else { return false }
        if taken > Self.byteLimit {
            storage.removeSubrange(..<taken)
            taken = 0
        }
        storage.append(bigEndian: length)
        storage.append(contentsOf: datagram)
        return true
    }

    /// Calls `body` with the bytes that wait, the next to go first.
    public func withBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[taken...])) }
    }

    /// The network took the first `count` bytes, which may end anywhere in a frame.
    public mutating func consume(_ count: Int) {
        precondition(count <= self.count, "no more bytes can be taken than wait")
        taken += count
        guard isEmpty else { return }
        storage.removeAll(keepingCapacity: storage.capacity <= Self.idleCapacity)
        taken = 0
    }
}
