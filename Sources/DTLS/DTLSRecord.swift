import Primitives

/// What a record carries (RFC 6347 §4.1).
enum ContentType: UInt8 {
    case changeCipherSpec = 20
    case alert = 21
    case handshake = 22
    case applicationData = 23
}

/// The header of a record of DTLS 1.2 (RFC 6347 §4.1), which stands in the clear.
struct RecordHeader: Equatable {
    var type: UInt8
    var version: UInt16
    var epoch: UInt16
    /// 48 bits.
    var sequenceNumber: UInt64
    /// Of the fragment that follows, in bytes.
    var length: Int

    static let byteCount = 13
    /// DTLS 1.2.
    static let version12: UInt16 = 0xFEFD
    /// The one after the only handshake there is, renegotiation being refused.
    static let protectedEpoch: UInt16 = 1
    static let highestSequenceNumber: UInt64 = 1 << 48 - 1
    static let longestPlaintext = 1 << 14

    /// `bytes` must hold `byteCount` or more.
    init(_ bytes: UnsafeRawBufferPointer) {
        let number = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 3, as: UInt64.self))
        type = bytes[0]
        version = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt16.self))
        epoch = UInt16(truncatingIfNeeded: number >> 48)
        sequenceNumber = number & Self.highestSequenceNumber
        length = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 11, as: UInt16.self)))
    }

    init(type: ContentType, sequenceNumber: UInt64, length: Int) {
        self.type = type.rawValue
        version = Self.version12
        epoch = Self.protectedEpoch
        self.sequenceNumber = sequenceNumber
        self.length = length
    }

    /// The epoch and the sequence number as one, as nonces and the additional data have them.
    var number: UInt64 { UInt64(epoch) << 48 | sequenceNumber }

    /// `target` must have room for `byteCount`.
    func write(to target: UnsafeMutableRawBufferPointer) {
        target[0] = type
        target.storeBytes(of: version.bigEndian, toByteOffset: 1, as: UInt16.self)
        target.storeBytes(of: number.bigEndian, toByteOffset: 3, as: UInt64.self)
        target.storeBytes(of: UInt16(truncatingIfNeeded: length).bigEndian, toByteOffset: 11, as: UInt16.self)
    }
}

/// A record as it came, borrowed from its datagram.
struct DTLSRecord {
    let header: RecordHeader
    /// Header and fragment.
    let bytes: UnsafeRawBufferPointer

    var fragment: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[RecordHeader.byteCount...]) }

    /// Of DTLS 1.2 and under the keys of the handshake.
    var isProtected: Bool {
        header.version == RecordHeader.version12 && header.epoch == RecordHeader.protectedEpoch
    }
}

/// Takes a datagram's records one after the other (RFC 6347 §4.1.1).
///
/// Left out: whether type and version are known ones; whoever reads passes over what is not for it.
struct DTLSRecords {
    /// What was not taken yet.
    private(set) var rest: UnsafeRawBufferPointer

    init(_ datagram: UnsafeRawBufferPointer) { rest = datagram }

    /// Nil at the end, and where what follows is no record or is cut.
    mutating func next() -> DTLSRecord? {
        guard rest.count >= RecordHeader.byteCount else { return nil }
        let header = RecordHeader(rest)
        let count = RecordHeader.byteCount + header.length
        guard rest.count >= count else { return nil }
        let record = DTLSRecord(header: header, bytes: UnsafeRawBufferPointer(rebasing: rest[..<count]))
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        return record
    }
}
