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
                let (type, length) = (try reader.number(), Int(try reader.number()))
                var body = ByteReader(try reader.run(length - 12))
                let again = try reader.number()
                try #require(again == UInt32(length) && length % 4 == 0)
                try read(type, &body)
            }
        }
    }

    private mutating func read(_ type: UInt32, _ reader: inout ByteReader) throws {
        switch type {
        case 0x0A0D_0D0A:
            let magic = try reader.number()
            try #require(magic == 0x1A2B_3C4D)
            _ = try reader.run(12)
            comment = Self.text(try Self.options(&reader)[1])
        case 5:
            _ = try reader.run(12)
            let options = try Self.options(&reader)
            statistics.append(
                Statistics(
                    received: Self.number(options[4]), dropped: Self.number(options[5]),
                    comment: Self.text(options[1])))
        case 6:
            let interface = try reader.number()
            let (high, low) = (try reader.number(), try reader.number())
            let (count, whole) = (Int(try reader.number()), Int(try reader.number()))
            try #require(count == whole)
            let packet = Array(try reader.run(count))
            _ = try reader.run(-count & 3)
            let options = try Self.options(&reader)
            packets.append(
                Packet(
                    interface: interface, time: UInt64(high) << 32 | UInt64(low), direction: options[2]?.last,
                    bytes: packet, comment: Self.text(options[1])))
        default: break
        }
    }

    private static func options(_ reader: inout ByteReader) throws -> [UInt16: [UInt8]] {
        var options: [UInt16: [UInt8]] = [:]
        while reader.remaining > 0 {
            let head = try reader.number()
            let length = Int(head & 0xFFFF)
            options[UInt16(head >> 16)] = Array(try reader.run(length))
            _ = try reader.run(-length & 3)
        }
        try #require(options.isEmpty || options[0] == [])
        return options
    }

    private static func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
    private static func number(_ bytes: [UInt8]?) -> UInt64 { (bytes ?? []).reduce(0) { $0 << 8 | UInt64($1) } }
}

extension ByteReader {
    fileprivate mutating func number() throws -> UInt32 {
        let number = readUInt32()
        return try #require(number)
    }

    fileprivate mutating func run(_ count: Int) throws -> UnsafeRawBufferPointer {
        let bytes = readBytes(count)
        return try #require(bytes)
    }
}
