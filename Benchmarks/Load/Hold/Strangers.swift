import BenchmarkPlayers
import Glibc
import Primitives
import SimulationSupport

/// What comes to a public port besides players: bytes without sense, and requests that are wrong.
final class Strangers {
    private var random: SeededRandom
    private let gateway: GatewayAddresses
    private let socket: PlayerSocket
    /// Connections that say nothing, or half of something; the gateway closes them.
    private var held: [(until: Instant, descriptor: Int32)] = []
    private(set) var datagrams = 0
    private static let mostHeld = 20

    init(_ gateway: GatewayAddresses, seed: UInt64) throws {
        self.gateway = gateway
        random = SeededRandom(seed: seed)
        socket = try PlayerSocket(to: gateway.udp)
    }

    deinit { held.forEach { close($0.descriptor) } }

    func sendDatagrams(_ count: Int) {
        for _ in 0..<count { datagram().withUnsafeBytes { socket.send($0) } }
        datagrams += count
    }

    /// Bytes that begin as a STUN message, a DTLS record or neither does.
    func datagram() -> [UInt8] {
        var bytes = random.bytes(Int.random(in: 0...1_400, using: &random))
        guard bytes.count > 20 else { return bytes }
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            // RFC 8489 §5: a Binding request with its length and magic cookie, and attributes at random.
            bytes.replaceSubrange(0..<2, with: [0, 1])
            let length = (bytes.count - 20) & ~3
            bytes.replaceSubrange(2..<8, with: [UInt8(length >> 8), UInt8(length & 255), 0x21, 0x12, 0xA4, 0x42])
            bytes.removeLast(bytes.count - 20 - length)
        case 1:
            // RFC 6347 §4.1: a record of DTLS 1.2, a handshake or application data.
            bytes.replaceSubrange(0..<3, with: [Bool.random(using: &random) ? 22 : 23, 254, 253])
        default: break
        }
        return bytes
    }

    /// Requests that must be refused, each with the status it must get.
    func wrongRequest() -> (request: HTTPRequest, status: Int) {
        let cases: [(HTTPRequest, Int)] = [
            (HTTPRequest("POST", "/join/world", type: "application/sdp", body: "v=0\r\nthis is no offer\r\n"), 400),
            (HTTPRequest("POST", "/join/world", type: "application/json", body: "{}"), 415),
            (HTTPRequest("POST", "/join/nowhere", type: "application/sdp", body: "v=0\r\n"), 400),
            (HTTPRequest("PUT", "/join/world", type: "application/sdp", body: "v=0\r\n"), 405),
            (HTTPRequest("GET", "/session/00000000000000000000000000000000"), 404),
            (
                HTTPRequest(
                    "POST", "/join/world", type: "application/sdp", body: String(repeating: "a", count: 70_000)), 413
            ),
            (HTTPRequest(raw: Array("\u{1}\u{2}\u{3} nothing\r\n\r\n".utf8)), 400),
        ]
        return cases[Int.random(in: cases.indices, using: &random)]
    }

    /// A connection to HTTP or to the players' TCP port that begins something and does not go on.
    func beginAndStop(at now: Instant) {
        held.filter { $0.until <= now }.forEach { close($0.descriptor) }
        held.removeAll { $0.until <= now }
        guard held.count < Self.mostHeld else { return }
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let isHTTP = Bool.random(using: &random)
        guard SocketAddress.connect(descriptor, to: isHTTP ? gateway.http : gateway.tcp) else {
            close(descriptor)
            return
        }
        let bytes =
            isHTTP ? Array("POST /join/world HTTP/1.1\r\nHost: a\r\nContent-Le".utf8) : [0, 200] + random.bytes(50)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        held.append((now + Milliseconds(UInt64.random(in: 100...30_000, using: &random)), descriptor))
    }

    func letGo() {
        held.forEach { close($0.descriptor) }
        held.removeAll()
    }
}
