import Primitives

/// What a proxy says at the beginning of a connection about who has connected to it: the PROXY protocol of HAProxy, versions 1
/// and 2 (haproxy.org/download/1.8/doc/proxy-protocol.txt).
///
/// Left out: what version 2 can add (TLVs) and where the client wanted to connect to; nothing here depends on either.
enum ProxyHeader {
    enum Reading: Equatable {
        /// More bytes are needed.
        case incomplete
        /// - source: nil where the proxy speaks for itself or knows none.
        /// - length: bytes of the header; what follows is the client's.
        case complete(source: TransportAddress?, length: Int)
        /// It is no such header.
        case malformed
    }

    // From the specification.
    /// §2.1: bytes of a line of version 1, its end included.
    static let longestLine = 107
    /// §2.2
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    // Our choice: the addresses are 36 bytes at most, and what HAProxy may add some hundreds.
    /// Bytes of a header of version 2.
    static let longestBinary = 2048

    static func read(_ bytes: some Collection<UInt8>) -> Reading {
        let start = Array(bytes.prefix(longestBinary))
        if signature.starts(with: start.prefix(signature.count)) {
            return start.count < 16 ? .incomplete : readBinary(start)
        }
        guard Array("PROXY ".utf8).starts(with: start.prefix(6)) else { return .malformed }
        return readLine(start)
    }

    // MARK: - Version 1

    private static func readLine(_ bytes: [UInt8]) -> Reading {
        guard let end = bytes.prefix(longestLine).firstIndex(of: 0x0A) else {
            return bytes.count < longestLine ? .incomplete : .malformed
        }
        guard bytes[end - 1] == 0x0D, let line = String(validating: bytes[..<(end - 1)], as: UTF8.self) else {
            return .malformed
        }
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        // What follows UNKNOWN is to be passed over.
        if words.count >= 2, words[1] == "UNKNOWN" { return .complete(source: nil, length: end + 1) }
        guard words.count == 6, words[1] == "TCP4" || words[1] == "TCP6", let port = number(words[4]),
            number(words[5]) != nil, let source = address(words[2], in: words[1], port: port),
            // nginx names its own address here, which is IPv4 where players of IPv6 come through another proxy.
            ["TCP4", "TCP6"].contains(where: { address(words[3], in: $0, port: 0) != nil })
        else { return .malformed }
        return .complete(source: source, length: end + 1)
    }

    /// An IPv4 address that is written as one of IPv6 is one of TCP6.
    private static func address(_ text: Substring, in family: Substring, port: UInt16) -> TransportAddress? {
        guard text.contains(":") == (family == "TCP6"), !text.hasPrefix("[") else { return nil }
        return TransportAddress(literal: text, port: port)
    }

    private static func number(_ text: Substring) -> UInt16? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt16(text)
    }

    // MARK: - Version 2

    private static func readBinary(_ bytes: [UInt8]) -> Reading {
        let (command, kind) = (bytes[12], bytes[13])
        let length = 16 + (Int(bytes[14]) << 8 | Int(bytes[15]))
        guard command == 0x20 || command == 0x21, length <= longestBinary else { return .malformed }
        guard bytes.count >= length else { return .incomplete }
        // LOCAL: the proxy asks for itself, as for a health check.
        guard command == 0x21 else { return .complete(source: nil, length: length) }
        let addresses = Array(bytes[16..<length])
        switch kind {
        case 0x11:
            guard addresses.count >= 12 else { return .malformed }
            let source = TransportAddress(
                ipv4: UInt32(truncatingIfNeeded: number(addresses[0..<4])), port: port(addresses[8..<10]))
            return .complete(source: source, length: length)
        case 0x21:
            guard addresses.count >= 36 else { return .malformed }
            let source = TransportAddress(
                ipv6: number(addresses[0..<8]), number(addresses[8..<16]), port: port(addresses[32..<34]))
            return .complete(source: source, length: length)
        // UNSPEC, UDP and Unix sockets say nothing of an address that could be used.
        default: return .complete(source: nil, length: length)
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    private static func port(_ bytes: ArraySlice<UInt8>) -> UInt16 { UInt16(truncatingIfNeeded: number(bytes)) }
}
