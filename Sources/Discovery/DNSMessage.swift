import Primitives

// The DNS's messages (RFC 1035 §4), as far as somebody who asks for addresses and services needs them.
//
// Left out: everything but A, AAAA and SRV records of the answer, and what is said of domains that have none.

enum DNSType: UInt16 {
    case a = 1
    case aaaa = 28
    /// RFC 2782.
    case srv = 33
}

/// A question for a name server.
struct DNSQuestion {
    let identifier: UInt16
    let name: String
    let type: DNSType
    /// The name's labels, each after its length, as they are in a message.
    private let encodedName: [UInt8]

    // From the specification: RFC 1035 §2.3.4.
    private static let longestLabel = 63
    private static let longestName = 255
    private static let internetClass: UInt16 = 1
    // Our choice, as DNS Flag Day 2020's: bytes of an answer that no network cuts into fragments.
    private static let answerSize: UInt16 = 1232

    /// Nil when it is no name.
    init?(_ name: String, _ type: DNSType, identifier: UInt16) {
        let labels = (name.hasSuffix(".") ? name.dropLast() : name[...]).split(
            separator: ".", omittingEmptySubsequences: false)
        guard labels.allSatisfy({ (1...Self.longestLabel).contains($0.utf8.count) }) else { return nil }
        encodedName = labels.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
        guard encodedName.count <= Self.longestName else { return nil }
        (self.name, self.type, self.identifier) = (name, type, identifier)
    }

    var message: [UInt8] {
        var bytes: [UInt8] = []
        // Recursion desired; one question, and one additional record.
        for word in [identifier, 0x0100, 1, 0, 0, 1] as [UInt16] { bytes.append(bigEndian: word) }
        bytes += question
        // RFC 6891 §6.1: the root's OPT record says how long an answer may be.
        bytes += [0, 0, 41]
        bytes.append(bigEndian: Self.answerSize)
        bytes += [UInt8](repeating: 0, count: 6)
        return bytes
    }

    private var question: [UInt8] {
        var bytes = encodedName
        bytes.append(bigEndian: type.rawValue)
        bytes.append(bigEndian: Self.internetClass)
        return bytes
    }

    /// Whether a message's question is this one. Servers give the name back as it was asked for.
    fileprivate func isAsked(in reader: inout ByteReader) -> Bool {
        reader.readBytes(question.count).map { $0.elementsEqual(question) } ?? false
    }
}

/// A record of an answer.
enum DNSRecord: Equatable {
    case address(TransportAddress)
    case service(DNSService)
}

/// RFC 2782.
struct DNSService: Equatable {
    let priority: UInt16
    let weight: UInt16
    let port: UInt16
    let target: String
}

/// What a name server answered.
enum DNSAnswer: Equatable {
    case records([DNSRecord])
    /// There is more than fits: to be asked for over TCP.
    case truncated
    /// RFC 1035 §4.1.1: what went wrong there, by number; 3 is that there is no such name.
    case failed(code: UInt16)

    // Our choice.
    /// Records that are looked at.
    private static let recordLimit = 512

    /// Nil when it is no answer to the question.
    init?(_ message: UnsafeRawBufferPointer, to question: DNSQuestion) {
        var reader = ByteReader(message)
        guard reader.readUInt16() == question.identifier, let flags = reader.readUInt16(), flags & 0x8000 != 0,
            reader.readUInt16() == 1, let count = reader.readUInt16(), reader.skip(4), question.isAsked(in: &reader)
        else { return nil }
        guard flags & 0x000F == 0 else {
            self = .failed(code: flags & 0x000F)
            return
        }
        guard flags & 0x0200 == 0 else {
            self = .truncated
            return
        }
        var records: [DNSRecord] = []
        for _ in 0..<min(Int(count), Self.recordLimit) {
            guard DNSName.skip(in: &reader), let type = reader.readUInt16(), reader.skip(6),
                let length = reader.readUInt16(), let data = reader.readBytes(Int(length))
            else { return nil }
            let start = reader.offset - Int(length)
            if let record = DNSRecord(type, data, at: start, of: message) { records.append(record) }
        }
        self = .records(records)
    }
}

extension DNSRecord {
    /// Nil for other kinds, and for what is malformed.
    fileprivate init?(_ type: UInt16, _ data: UnsafeRawBufferPointer, at start: Int, of message: UnsafeRawBufferPointer)
    {
        var reader = ByteReader(data)
        switch DNSType(rawValue: type) {
        case .a:
            guard data.count == 4, let address = reader.readUInt32() else { return nil }
            self = .address(TransportAddress(ipv4: address, port: 0))
        case .aaaa:
            guard data.count == 16, let high = reader.readUInt64(), let low = reader.readUInt64() else { return nil }
            self = .address(TransportAddress(ipv6: high, low, port: 0))
        case .srv:
            guard let priority = reader.readUInt16(), let weight = reader.readUInt16(), let port = reader.readUInt16(),
                let target = DNSName.read(message, at: start + 6)
            else { return nil }
            self = .service(DNSService(priority: priority, weight: weight, port: port, target: target))
        case nil: return nil
        }
    }
}

/// Names in messages, which may go on elsewhere (RFC 1035 §4.1.4).
enum DNSName {
    /// Moves past one; false where there is none.
    static func skip(in reader: inout ByteReader) -> Bool {
        while let length = reader.readUInt8() {
            if length == 0 { return true }
            if length & 0xC0 == 0xC0 { return reader.skip(1) }
            guard length & 0xC0 == 0, reader.skip(Int(length)) else { return false }
        }
        return false
    }

    /// Without the dot at the end; empty for the root. Nil for one that is malformed, or not made of a host's letters.
    static func read(_ message: UnsafeRawBufferPointer, at start: Int) -> String? {
        var labels: [String] = []
        var (offset, bytes) = (start, 0)
        while offset < message.count {
            let length = Int(message[offset])
            if length == 0 {
                let name = labels.joined(separator: ".")
                return name.isEmpty || FoundServer.isHost(name) ? name : nil
            }
            if length & 0xC0 == 0xC0 {
                guard offset + 1 < message.count else { return nil }
                let target = (length & 0x3F) << 8 | Int(message[offset + 1])
                // Only backwards, so that there is an end.
                guard target < offset else { return nil }
                offset = target
                continue
            }
            bytes += length + 1
            guard length & 0xC0 == 0, bytes <= 255, offset + length < message.count else { return nil }
            labels.append(String(decoding: message[(offset + 1)...(offset + length)], as: UTF8.self))
            offset += length + 1
        }
        return nil
    }
}
