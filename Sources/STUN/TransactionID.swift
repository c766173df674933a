import Primitives

/// The 96 bits that tie a response to its request (RFC 8489 §5).
public struct TransactionID: Hashable, Sendable {
    let high: UInt32
    let low: UInt64

    /// The identifier from its first four bytes and its last eight, first byte highest.
    public init(high: UInt32, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new identifier. RFC 8489 §5 asks for a cryptographically strong generator.
    public init(using generator: inout some RandomNumberGenerator) {
        self.init(high: generator.next(), low: generator.next())
    }

    init?(_ reader: inout ByteReader) {
        guard let high = reader.readUInt32(), let low = reader.readUInt64() else { return nil }
        self.init(high: high, low: low)
    }
}
