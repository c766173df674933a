import Glibc
import Testing

/// A loopback port that this test holds, so that nobody else can have it.
final class TakenPort: Sendable {
    let number: UInt16
    let descriptor: Int32

    enum Transport {
        case tcp, udp
    }

    init(_ transport: Transport) throws {
        let type = Int32((transport == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        self.descriptor = descriptor
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(descriptor, address, length) == 0 else { return false }
                guard transport == .udp || listen(descriptor, 1) == 0 else { return false }
                return getsockname(descriptor, address, &length) == 0
            }
        }
        try #require(result)
        number = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(descriptor)
    }

    /// A TCP connection to that port of 127.0.0.1 on which these bytes were sent and, unless said otherwise, answered with
    /// something; the caller closes it.
    static func connection(to port: UInt16, sending text: String, isAnswered: Bool = true) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
        try #require(send(descriptor, Array(text.utf8), text.utf8.count, Int32(MSG_NOSIGNAL)) == text.utf8.count)
        guard isAnswered else { return descriptor }
        var answer: UInt8 = 0
        try #require(recv(descriptor, &answer, 1, 0) == 1)
        return descriptor
    }

    static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
