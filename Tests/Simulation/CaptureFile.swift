import Primitives
import Testing

/// What is in a capture's file, read by the letter of draft-ietf-opsawg-pcapng: big-endian, as the gateway writes it.
struct CaptureFile {
    struct Packet {
        let interface: UInt32
        /// Nanoseconds since 1970.
        let time: UInt64
        /// 1 is to the gateway, 2 from it.
        let direction: UInt8?
        let bytes: [UInt8]
        let comment: String?

        /// Behind the IPv4 header; of UDP, behind that, too.
        var payload: [UInt8] { Array(bytes.dropFirst(bytes[9] == 17 ? 28 : 20)) }
        var source: [UInt8] { Array(bytes[12..<16]) }
        var destination: [UInt8] { Array(bytes[16..<20]) }
    }

    struct Statistics {
        let received: UInt64
        let dropped: UInt64
        let comment: String?
    }

    private(set) var comment: String?
    private(set) var packets: [Packet] = []
    private(set) var statistics: [Statistics] = []

    init(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            while reader.remaining > 0 {
                let type = try #require(reader.readUInt32())
                let length = Int(try #require(reader.readUInt32()))
                let body = try #require(reader.readBytes(length - 12))
                try #require(reader.readUInt32() == UInt32(length) && length % 4 == 0)
                try read(type, ByteReader(body))
            }
        }
    }

    private mutating func read(_ type: UInt32, _ reader: ByteReader) throws {
        var reader = reader
        switch type {
        case 0x0A0D_0D0A:
            try #require(reader.readUInt32() == 0x1A2B_3C4D && reader.skip(12))
            comment = Self.text(try Self.options(&reader)[1])
        case 5:
            try #require(reader.skip(12))
            let options = try Self.options(&reader)
            statistics.append(
                Statistics(
                    received: Self.number(options[4]), dropped: Self.number(options[5]),
                    comment: Self.text(options[1])))
        case 6:
            let interface = try #require(reader.readUInt32())
            let time = try #require(reader.readUInt64())
            let count = Int(try #require(reader.readUInt32()))
            try #require(reader.readUInt32() == UInt32(count))
            let packet = Array(try #require(reader.readBytes(count)))
            try #require(reader.skip(-count & 3))
            let options = try Self.options(&reader)
            packets.append(
                Packet(
                    interface: interface, time: time, direction: options[2]?.last, bytes: packet,
                    comment: Self.text(options[1])))
        default: break
        }
    }

    private static func options(_ reader: inout ByteReader) throws -> [UInt16: [UInt8]] {
        var options: [UInt16: [UInt8]] = [:]
        while reader.remaining > 0 {
            let code = try #require(reader.readUInt16())
            let length = Int(try #require(reader.readUInt16()))
            options[code] = Array(try #require(reader.readBytes(length)))
            try #require(reader.skip(-length & 3))
        }
        try #require(options.isEmpty || options[0] == [])
        return options
    }

    private static func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
    private static func number(_ bytes: [UInt8]?) -> UInt64 { (bytes ?? []).reduce(0) { $0 << 8 | UInt64($1) } }
}
