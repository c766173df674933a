import Glibc

/// Ports of 127.0.0.1 on which nobody listens.
enum UnusedPort {
    /// A TCP port of 127.0.0.1 on which nobody listens, and which the kernel gives to nobody who does not ask for it: a
    /// program that ends and starts again finds it free.
    static func tcp() throws -> UInt16 {
        try kept { isFree($0, SOCK_STREAM) }
    }

    /// A port for both transports, which is free and kept from the kernel likewise. Of one that the kernel just gave for UDP,
    /// any connection may have the TCP side, and keeps it for a minute after its end (TIME_WAIT).
    static func udpAndTCP() throws -> UInt16 {
        try kept { isFree($0, SOCK_DGRAM) && isFree($0, SOCK_STREAM) }
    }

    private static func kept(_ isGood: (UInt16) -> Bool) throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000..<32_000)
            if isGood(port) { return port }
        }
        throw HarnessError("no free port between 20000 and 32000")
    }

    private static func isFree(_ port: UInt16, _ type: __socket_type) -> Bool {
        let descriptor = socket(AF_INET, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = LoopbackUDP.address(port: port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// A UDP port that the kernel just gave and took back.
    static func udp() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
            }
        }
        guard result == 0 else { throw HarnessError("no free UDP port: \(String(cString: strerror(errno)))") }
        return UInt16(bigEndian: address.sin_port)
    }
}
