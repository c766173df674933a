import Primitives

/// What of a chunk may be shown: numbers that SCTP itself has put there.
///
/// User data is zeros, but for what RFC 8832 says of a channel, and its label where that is a number of up to three
/// digits: no other label means anything here. Zeros are also cookies, heartbeats' contents, words and copies of packets
/// in errors and ABORT, and unknown parameters and chunks.
enum RedactedChunk {
    // Types of chunks: RFC 9260 §3.2, RFC 8260 §2.2 and §2.3, RFC 3758 §3.2, RFC 6525 §3.1, RFC 4895 §4.1.
    private static let data: UInt8 = 0
    private static let inits: [UInt8] = [1, 2]
    private static let selectiveAcknowledgement: UInt8 = 3
    private static let withParameters: [UInt8] = [4, 5, 6, 9]
    private static let interleavedData: UInt8 = 64
    private static let reconfiguration: UInt8 = 130
    private static let forwards: [UInt8] = [192, 194]
    /// Bytes of other chunks that are numbers: SHUTDOWN, ECNE, CWR and AUTH without its digest.
    private static let fixed: [UInt8: Int] = [7: 8, 12: 8, 13: 8, 15: 8]
    /// Bytes before what varies.
    private static let headerLength = 4
    private static let initLength = 20
    private static let dataLength = 16
    private static let interleavedDataLength = 20
    private static let acknowledgementLength = 16
    /// Parameters of INIT that hold lists of numbers: addresses and their types, ECN, and what is supported of extensions
    /// (RFC 9260 §3.3.2, RFC 4895 §3, RFC 5061 §4.2.7, RFC 3758 §3.1, RFC 9653 §4).
    private static let initParameters: [UInt16] = [5, 6, 9, 12, 0x8000, 0x8001, 0x8003, 0x8004, 0x8008, 0xC000]
    private static let reconfigurationParameters: ClosedRange<UInt16> = 13...18

    /// - Parameter chunk: a whole one, as long as it says itself.
    static func redact(_ chunk: UnsafeMutableRawBufferPointer) {
        let type = chunk[0]
        switch type {
        case data:
            redactMessage(of: chunk, from: dataLength, protocolAt: dataLength - 4)
        case interleavedData:
            // RFC 8260 §2.1: only the first fragment has the protocol; the others have their number there.
            redactMessage(of: chunk, from: interleavedDataLength, protocolAt: interleavedDataLength - 4)
        case selectiveAcknowledgement:
            chunk.zero(from: min(acknowledgedLength(chunk), chunk.count))
        case let type where inits.contains(type):
            redactParameters(of: chunk, from: initLength) { initParameters.contains($0) }
        case reconfiguration:
            redactParameters(of: chunk, from: headerLength) { reconfigurationParameters.contains($0) }
        case let type where withParameters.contains(type):
            redactParameters(of: chunk, from: headerLength) { _ in false }
        case let type where forwards.contains(type):
            break
        default:
            chunk.zero(from: min(fixed[type] ?? headerLength, chunk.count))
        }
    }

    /// RFC 9260 §3.3.4: as many bytes as its counts say.
    private static func acknowledgedLength(_ chunk: UnsafeMutableRawBufferPointer) -> Int {
        guard chunk.count >= acknowledgementLength else { return headerLength }
        let gaps = Int(chunk[12]) << 8 | Int(chunk[13])
        let duplicates = Int(chunk[14]) << 8 | Int(chunk[15])
        return acknowledgementLength + 4 * (gaps + duplicates)
    }

    private static func redactParameters(
        of chunk: UnsafeMutableRawBufferPointer, from start: Int, keeps: (UInt16) -> Bool
    ) {
        guard start <= chunk.count else { return chunk.zero(from: headerLength) }
        var offset = start
        while let length = chunk.itemLength(at: offset) {
            let next = min(offset + length + (-length & 3), chunk.count)
            let type = UInt16(chunk[offset]) << 8 | UInt16(chunk[offset + 1])
            chunk.zero(from: keeps(type) ? offset + length : offset + headerLength, to: next)
            offset = next
        }
        chunk.zero(from: offset)
    }

    // MARK: - User data

    // From RFC 9260 §3.3.1: the flag of a message's first fragment.
    private static let beginning: UInt8 = 0x02
    // From RFC 8832 §5 and RFC 8831 §8.
    private static let establishment: UInt32 = 50
    private static let openMessage: UInt8 = 0x03
    private static let ackMessage: UInt8 = 0x02
    private static let openLength = 12
    private static let labelLengthOffset = 8
    /// Our choice: what a label can have that is a number of ENet's channels.
    private static let longestNumber = 3

    private static func redactMessage(
        of chunk: UnsafeMutableRawBufferPointer, from start: Int, protocolAt protocolOffset: Int
    ) {
        guard start <= chunk.count else { return chunk.zero(from: headerLength) }
        var reader = ByteReader(UnsafeRawBufferPointer(chunk))
        let isEstablishment =
            chunk[1] & beginning != 0 && reader.skip(protocolOffset) && reader.readUInt32() == establishment
        let message = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(chunk)[start...])
        chunk.zero(from: start + (isEstablishment ? shownLength(ofEstablishment: message) : 0))
    }

    /// Bytes at the start of a DCEP message that are shown.
    private static func shownLength(ofEstablishment message: UnsafeRawBufferPointer) -> Int {
        switch message.first {
        case ackMessage: return 1
        case openMessage where message.count >= openLength:
            let length = Int(message[labelLengthOffset]) << 8 | Int(message[labelLengthOffset + 1])
            let label = message[openLength...].prefix(length)
            let isNumber =
                label.count == length && length <= longestNumber
                && label.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return openLength + (isNumber ? length : 0)
        default: return 0
        }
    }
}
