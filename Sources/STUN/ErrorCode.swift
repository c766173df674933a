import Primitives

/// The number of an ERROR-CODE attribute, 300 to 699 (RFC 8489 §14.8). The reason phrase beside it is for people and
/// is not read.
public struct STUNErrorCode: Hashable, Sendable {
    public let code: UInt16

    public static let badRequest = STUNErrorCode(code: 400)
    public static let unauthenticated = STUNErrorCode(code: 401)
    public static let unknownAttribute = STUNErrorCode(code: 420)
    /// Both agents claim the same ICE role (RFC 8445 §7.3.1.1).
    public static let roleConflict = STUNErrorCode(code: 487)

    private init(code: UInt16) {
        self.code = code
    }

    init(_ value: UnsafeRawBufferPointer) throws(DropReason) {
        var reader = ByteReader(value)
        // RFC 8489 §14.8: 21 reserved bits, a class of 3 to 6, a number of 0 to 99.
        guard let word = reader.readUInt32() else { throw .stunMalformed }
        let (hundreds, number) = (UInt16(word >> 8 & 0x7), UInt16(word & 0xFF))
        guard (3...6).contains(hundreds), number < 100 else { throw .stunMalformed }
        code = hundreds * 100 + number
    }

    /// The recommended reason phrase (RFC 8489 §14.8, RFC 8445 §16.2).
    var reason: String {
        switch self {
        case .badRequest: "Bad Request"
        case .unauthenticated: "Unauthenticated"
        case .unknownAttribute: "Unknown Attribute"
        case .roleConflict: "Role Conflict"
        default: ""
        }
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(bigEndian: UInt32(code / 100) << 8 | UInt32(code % 100))
        bytes.append(contentsOf: reason.utf8)
    }
}
