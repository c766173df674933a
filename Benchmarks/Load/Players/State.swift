import Primitives

/// A message: when it was sent, and filled up.
package enum State {
    /// Bytes of the shortest.
    package static let leastSize = 8

    package static func message(size: Int) -> [UInt8] { [UInt8](repeating: 7, count: size) }

    /// `message` as it is sent now.
    package static func stamp(_ message: inout [UInt8], at now: Instant) {
        message.withUnsafeMutableBytes { $0.storeBytes(of: now.nanoseconds.littleEndian, as: UInt64.self) }
    }

    package static func sentAt(_ message: UnsafeRawBufferPointer) -> Instant? {
        guard message.count >= leastSize else { return nil }
        return Instant(nanoseconds: UInt64(littleEndian: message.loadUnaligned(as: UInt64.self)))
    }
}
