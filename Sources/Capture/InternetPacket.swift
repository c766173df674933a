import Primitives

/// The IP header that a capture puts before what travelled otherwise, so that whoever opens it sees who spoke to whom.
///
/// Left out: fragments, options and extension headers; identifications and hop counts that mean something.
public enum InternetPacket {
    /// What follows the IP header (IANA's protocol numbers).
    public enum Contents: UInt8, Sendable {
        case udp = 17
        case sctp = 132
    }

    // From RFC 791 §3.1, RFC 8200 §3, RFC 768.
    private static let ipv4HeaderLength = 20
    private static let udpHeaderLength = 8
    private static let dontFragment: UInt16 = 0x4000
    private static let longest = Int(UInt16.max)
    // Our choice.
    private static let hops: UInt8 = 64

    /// A packet of `contents` between the endpoints; nil when it is too long for one. UDP gets its header here, SCTP
    /// brings its own.
    public static func make(
        _ contents: Contents, _ payload: [UInt8], _ direction: PacketDirection, between endpoints: Endpoints
    ) -> [UInt8]? {
        let source = endpoints.source(direction)
        let destination = endpoints.destination(direction)
        guard payload.count + udpHeaderLength + ipv4HeaderLength <= longest else { return nil }
        let data = contents == .udp ? udp(payload, from: source, to: destination) : payload
        return ipHeader(contents, count: data.count, from: source, to: destination) + data
    }

    private static func ipHeader(
        _ contents: Contents, count: Int, from source: TransportAddress, to destination: TransportAddress
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        guard let low = source.ipv4, let high = destination.ipv4 else {
            bytes.append(bigEndian: UInt32(6) << 28)
            bytes.append(bigEndian: UInt16(truncatingIfNeeded: count))
            bytes += [contents.rawValue, hops]
            return bytes + octets(of: source) + octets(of: destination)
        }
        bytes += [0x45, 0]
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: ipv4HeaderLength + count))
        bytes.append(bigEndian: UInt16(0))
        bytes.append(bigEndian: dontFragment)
        bytes += [hops, contents.rawValue, 0, 0]
        bytes.append(bigEndian: low)
        bytes.append(bigEndian: high)
        bytes.store(bigEndian: checksum(bytes), at: 10)
        return bytes
    }

    private static func udp(
        _ payload: [UInt8], from source: TransportAddress, to destination: TransportAddress
    ) -> [UInt8] {
        let length = UInt16(truncatingIfNeeded: udpHeaderLength + payload.count)
        var datagram: [UInt8] = []
        datagram.append(bigEndian: source.port)
        datagram.append(bigEndian: destination.port)
        datagram.append(bigEndian: length)
        datagram.append(bigEndian: UInt16(0))
        datagram += payload
        // The pseudo header of RFC 768 and of RFC 8200 §8.1 add up to the same.
        let pseudo = octets(of: source) + octets(of: destination) + [0, Contents.udp.rawValue]
        let sum = checksum(pseudo + [UInt8(length >> 8), UInt8(length & 0xFF)] + datagram)
        // RFC 768: zero would mean that there is none.
        datagram.store(bigEndian: sum == 0 ? .max : sum, at: 6)
        return datagram
    }

    private static func octets(of address: TransportAddress) -> [UInt8] {
        var bytes: [UInt8] = []
        if let ipv4 = address.ipv4 { bytes.append(bigEndian: ipv4) }
        if let (high, low) = address.ipv6 {
            bytes.append(bigEndian: high)
            bytes.append(bigEndian: low)
        }
        return bytes
    }

    /// RFC 1071.
    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            let low = index + 1 < bytes.count ? bytes[index + 1] : 0
            sum += UInt32(bytes[index]) << 8 | UInt32(low)
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(truncatingIfNeeded: sum)
    }
}
