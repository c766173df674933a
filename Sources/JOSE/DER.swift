/// As much of ASN.1's distinguished encoding (X.690) as keys and signatures need.
enum DER {
    static func sequence(_ parts: [UInt8]...) -> [UInt8] { tagged(0x30, Array(parts.joined())) }

    static func bitString(_ bytes: [UInt8]) -> [UInt8] { tagged(0x03, [0] + bytes) }

    /// - Parameter bytes: of a number that is not negative, in network order, with leading zeros or without.
    static func integer(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let digits = bytes.drop { $0 == 0 }
        // A first bit that is set would be a minus.
        let isPadded = digits.first.map { $0 >= 0x80 } ?? true
        return tagged(0x02, (isPadded ? [0] : []) + digits)
    }

    private static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        guard count >= 0x80 else { return [tag, UInt8(count)] + content }
        let length = withUnsafeBytes(of: UInt64(count).bigEndian) { Array($0.drop { $0 == 0 }) }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }
}

/// Public keys as X.509 writes them, SubjectPublicKeyInfo.
enum PublicKeyEncoding {
    /// rsaEncryption (RFC 8017 §A.1), whose parameters are NULL.
    private static let rsa: [UInt8] = [
        0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]
    /// id-ecPublicKey with secp256r1 (RFC 5480 §2.1).
    private static let p256: [UInt8] = [
        0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D,
        0x03, 0x01, 0x07,
    ]
    /// id-Ed25519 (RFC 8410 §3).
    private static let ed25519: [UInt8] = [0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70]

    static func rsa(modulus: [UInt8], exponent: [UInt8]) -> [UInt8] {
        DER.sequence(rsa, DER.bitString(DER.sequence(DER.integer(modulus), DER.integer(exponent))))
    }

    /// - Parameters:
    ///   - x, y: 32 bytes each.
    static func p256(x: [UInt8], y: [UInt8]) -> [UInt8] {
        // SEC 1 §2.3.3: 4 is for both coordinates, uncompressed.
        DER.sequence(p256, DER.bitString([4] + x + y))
    }

    /// - Parameter x: 32 bytes.
    static func ed25519(_ x: [UInt8]) -> [UInt8] {
        DER.sequence(ed25519, DER.bitString(x))
    }
}
