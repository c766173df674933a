/// A session's name in its URL: 128 random bits, because whoever knows it may end the session.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    init(using random: inout some RandomNumberGenerator) {
        high = random.next()
        low = random.next()
    }

    /// Reads what `description` wrote; nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 32, text.utf8.allSatisfy({ Self.isHexDigit($0) }),
            let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.high = high
        self.low = low
    }

    /// 32 lower-case hexadecimal digits.
    public var description: String { Self.hexadecimal(high) + Self.hexadecimal(low) }

    /// The first eight digits: enough to find a session in a log, too few to end it.
    public var shortened: String { String(description.prefix(8)) }

    /// Whether `shortened` is this, without making a text of each of many.
    public func isShortened(as text: String) -> Bool {
        text.utf8.count == 8 && text.utf8.allSatisfy(Self.isHexDigit) && UInt64(text, radix: 16) == high >> 32
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

/// Where a session is in the gateway's table. The generation tells it from an earlier one in the same place.
public struct SessionSlot: Hashable, Sendable {
    public let index: Int
    public let generation: UInt32
}
