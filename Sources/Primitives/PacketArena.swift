/// Packets laid end to end in one growing buffer, kept in order, each still its own packet.
///
/// Emptying it keeps the memory, so that a steady stream of packets allocates nothing; but no more than it may.
public struct PacketArena: Sendable {
    private var storage: [UInt8] = []
    private var ends: [Int] = []
    private let keptBytes: Int

    // Our choice.
    /// What one session's may keep: a burst of its own, such as a message of 256 KiB, is not to cost memory until its end.
    public static let keptBytesOfSession = 32 * 1024

    /// - Parameter keptBytes: what it may keep where it is empty; where one is used by all sessions, whatever it was.
    public init(keptBytes: Int = .max) { self.keptBytes = keptBytes }

    /// Bytes it can hold as it is.
    public var capacity: Int { storage.capacity }

    public var isEmpty: Bool { ends.isEmpty }
    /// How many packets it holds.
    public var count: Int { ends.count }
    /// The sum of the packets' lengths, in bytes.
    public var byteCount: Int { storage.count }

    public mutating func append(_ packet: UnsafeRawBufferPointer) {
        storage.append(contentsOf: packet)
        ends.append(storage.count)
    }

    /// Appends one packet written in place: `write` gets `capacity` bytes and returns how many it used, or nil for
    /// no packet at all.
    public mutating func append(capacity: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int?) {
        let start = storage.count
        storage.append(contentsOf: repeatElement(0, count: capacity))
        let used = storage.withUnsafeMutableBytes { bytes in
            write(UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
        }
        storage.removeLast(capacity - min(max(used ?? 0, 0), capacity))
        if used != nil {
            ends.append(storage.count)
        }
    }

    /// Calls `body` with each packet, oldest first.
    public func forEach(_ body: (UnsafeRawBufferPointer) -> Void) {
        storage.withUnsafeBytes { bytes in
            var start = 0
            for end in ends {
                body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                start = end
            }
        }
    }

    /// Calls `body` with packet `index`, which must be below `count`.
    public func withPacket<Value>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        let start = index == 0 ? 0 : ends[index - 1]
        return storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<ends[index]])) }
    }

    public mutating func removeAll() {
        guard !ends.isEmpty else { return }
        let isKept = storage.capacity <= keptBytes
        storage.removeAll(keepingCapacity: isKept)
        ends.removeAll(keepingCapacity: isKept)
    }
}
