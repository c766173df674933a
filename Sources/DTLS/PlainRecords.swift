import Primitives

/// A look at the record headers of a datagram before OpenSSL gets it, for a connection that speaks DTLS 1.2 and nothing
/// else.
///
/// OpenSSL passes over what is no record without a word; so it can be told from a part of the handshake, and counted.
enum PlainRecords {
    // From RFC 6347 §4.1.
    /// change_cipher_spec, alert, handshake, application_data.
    private static let types: ClosedRange<UInt8> = 20...23
    /// Both 1.0, which a ClientHello says, and 1.2 begin so.
    private static let majorVersion: UInt8 = 254
    /// The minor version, the epoch and the sequence number.
    private static let beforeLength = 1 + 2 + 6

    /// Whether the first byte and the one after it may be a record's; DTLS 1.3's protected ones begin otherwise (RFC 9147 §4).
    static func isStarted(by bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count > 1 && types.contains(bytes[0]) && bytes[1] == majorVersion
    }

    /// Whether the datagram is records from end to end.
    static func areWhole(in datagram: UnsafeRawBufferPointer) -> Bool {
        var reader = ByteReader(datagram)
        repeat {
            guard let type = reader.readUInt8(), types.contains(type), reader.readUInt8() == majorVersion,
                reader.skip(beforeLength), let length = reader.readUInt16(), reader.skip(Int(length))
            else { return false }
        } while reader.remaining > 0
        return true
    }
}
