import Primitives

/// XOR-MAPPED-ADDRESS: where the server saw the request come from, masked with the magic cookie and, for IPv6, the
/// transaction identifier (RFC 8489 §14.2).
enum XORMappedAddress {
    private static let familyIPv4: UInt8 = 0x01
    private static let familyIPv6: UInt8 = 0x02
    private static let portMask = UInt16(STUNMessage.magicCookie >> 16)

    static func read(_ value: UnsafeRawBufferPointer, _ id: TransactionID) throws(DropReason) -> TransportAddress {
        var reader = ByteReader(value)
        // RFC 8489 §14.1: the first byte is ignored by receivers.
        guard reader.skip(1), let family = reader.readUInt8(), let port = reader.readUInt16() else {
            throw .stunMalformed
        }
        switch (family, reader.remaining) {
        case (familyIPv4, 4):
            guard let address = reader.readUInt32() else { throw .stunMalformed }
            return TransportAddress(ipv4: address ^ STUNMessage.magicCookie, port: port ^ portMask)
        case (familyIPv6, 16):
            guard let high = reader.readUInt64(), let low = reader.readUInt64() else { throw .stunMalformed }
            return TransportAddress(ipv6: high ^ highMask(id), low ^ id.low, port: port ^ portMask)
        default:
            throw .stunMalformed
        }
    }

    static func append(_ address: TransportAddress, _ id: TransactionID, to bytes: inout [UInt8]) {
        bytes.append(0)
        if let (high, low) = address.ipv6 {
            bytes.append(familyIPv6)
            bytes.append(bigEndian: address.port ^ portMask)
            bytes.append(bigEndian: high ^ highMask(id))
            bytes.append(bigEndian: low ^ id.low)
        } else {
            bytes.append(familyIPv4)
            bytes.append(bigEndian: address.port ^ portMask)
            bytes.append(bigEndian: (address.ipv4 ?? 0) ^ STUNMessage.magicCookie)
        }
    }

    private static func highMask(_ id: TransactionID) -> UInt64 {
        UInt64(STUNMessage.magicCookie) << 32 | UInt64(id.high)
    }
}
