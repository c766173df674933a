import Glibc
import Primitives

/// Bytes in and out of a descriptor, each call no longer than the deadline. Closed with the object.
final class ByteStream {
    let descriptor: Int32
    private let deadline: Deadline

    /// Takes over a descriptor that does not block.
    init(_ descriptor: Int32, until deadline: Deadline) {
        self.descriptor = descriptor
        self.deadline = deadline
    }

    /// A TCP connection, or a UDP socket that hears only `address`.
    convenience init(
        to address: TransportAddress, datagrams isDatagram: Bool = false, until deadline: Deadline
    ) throws(DiscoveryError) {
        let family = address.family == .ipv4 ? AF_INET : AF_INET6
        let kind = Int32((isDatagram ? SOCK_DGRAM : SOCK_STREAM).rawValue)
        let descriptor = socket(family, kind | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw DiscoveryError("no socket can be opened: \(Self.words(errno))") }
        self.init(descriptor, until: deadline)
        let result = Self.withSocketAddress(address) { connect(descriptor, $0, $1) }
        guard result != 0, errno == EINPROGRESS else {
            guard result == 0 else { throw Self.unreachable(address, errno) }
            return
        }
        try deadline.wait(for: descriptor, POLLOUT)
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else { throw Self.unreachable(address, code) }
    }

    deinit {
        close(descriptor)
    }

    func write(_ bytes: [UInt8]) throws(DiscoveryError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                try deadline.wait(for: descriptor, POLLOUT)
            } else if errno != EINTR {
                throw DiscoveryError("it hung up: \(Self.words(errno))")
            }
        }
    }

    /// What comes next, some of it; none at the end.
    func read(atMost limit: Int) throws(DiscoveryError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        while true {
            let count = Glibc.read(descriptor, &bytes, limit)
            if count >= 0 { return Array(bytes.prefix(count)) }
            guard errno == EAGAIN || errno == EINTR else { throw DiscoveryError("it hung up: \(Self.words(errno))") }
            if errno == EAGAIN { try deadline.wait(for: descriptor, POLLIN) }
        }
    }

    /// Everything up to the end.
    func readAll(atMost limit: Int) throws(DiscoveryError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let some = try read(atMost: 65_536)
            guard !some.isEmpty else { return bytes }
            bytes += some
            guard bytes.count <= limit else { throw DiscoveryError("it has more than \(limit) bytes") }
        }
    }

    static func words(_ code: Int32) -> String { String(cString: strerror(code)) }

    private static func unreachable(_ address: TransportAddress, _ code: Int32) -> DiscoveryError {
        DiscoveryError("\(address) cannot be reached: \(words(code))")
    }

    private static func withSocketAddress(
        _ address: TransportAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        if let ipv4 = address.ipv4 {
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = address.port.bigEndian
            v4.sin_addr.s_addr = ipv4.bigEndian
            return withUnsafePointer(to: v4) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var v6 = sockaddr_in6()
        v6.sin6_family = sa_family_t(AF_INET6)
        v6.sin6_port = address.port.bigEndian
        v6.sin6_scope_id = address.scope
        let halves = address.ipv6 ?? (0, 0)
        withUnsafeMutableBytes(of: &v6.sin6_addr) { bytes in
            bytes.storeBytes(of: halves.high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: halves.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return withUnsafePointer(to: v6) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}
