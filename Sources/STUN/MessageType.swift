/// What a message is to its transaction (RFC 8489 §5).
public enum STUNClass: UInt8, Sendable {
    case request = 0b00
    case indication = 0b01
    case success = 0b10
    case error = 0b11
}

/// The purpose of a transaction, 12 bits. ICE knows only Binding.
public struct STUNMethod: Hashable, Sendable {
    public let rawValue: UInt16

    public static let binding = STUNMethod(rawValue: 0x001)
}

/// The first 16 bits of a message: 0b00, then the method's 12 bits with the class's two bits among them
/// (RFC 8489 §5, figure 3).
struct MessageType: Equatable {
    let `class`: STUNClass
    let method: STUNMethod

    init(class: STUNClass, method: STUNMethod) {
        self.class = `class`
        self.method = method
    }

    /// Nil when the two top bits are not zero: then it is no STUN message.
    init?(rawValue: UInt16) {
        let classBits = (rawValue >> 7 & 0b10) | (rawValue >> 4 & 0b01)
        guard rawValue & 0xC000 == 0, let `class` = STUNClass(rawValue: UInt8(classBits)) else { return nil }
        self.class = `class`
        method = STUNMethod(rawValue: (rawValue & 0x3E00) >> 2 | (rawValue & 0x00E0) >> 1 | (rawValue & 0x000F))
    }

    var rawValue: UInt16 {
        let methodBits = (method.rawValue & 0xF80) << 2 | (method.rawValue & 0x070) << 1 | (method.rawValue & 0x00F)
        let classBits = UInt16(`class`.rawValue)
        return methodBits | (classBits & 0b10) << 7 | (classBits & 0b01) << 4
    }
}
