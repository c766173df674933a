import Glibc

/// UDP sockets on 127.0.0.1, as the relays of the tests use them.
enum LoopbackUDP {
    /// A socket on a port that the kernel chose; who asked for it closes it.
    static func bound() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = open()
        var address = address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let size = length
        let isBound = with(&address) {
            bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &length) == 0
        }
        guard isBound else {
            throw HarnessError("there is no UDP socket for a relay: \(String(cString: strerror(errno)))")
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// A socket for datagrams to and from this port only.
    static func connected(to port: UInt16) -> Int32 {
        let descriptor = open()
        var address = address(port: port)
        _ = with(&address) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        return descriptor
    }

    /// Takes a datagram that is there, and who sent it; negative when there is none.
    static func receive(_ descriptor: Int32, _ buffer: inout [UInt8], from source: inout sockaddr_in) -> Int {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return with(&source) {
            recvfrom(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT), $0, &length)
        }
    }

    static func send(_ descriptor: Int32, _ bytes: [UInt8], _ count: Int, to destination: sockaddr_in) {
        var destination = destination
        _ = with(&destination) {
            sendto(descriptor, bytes, count, Int32(MSG_NOSIGNAL), $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }

    static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func open() -> Int32 {
        socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    private static func with<Result>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
    }
}
