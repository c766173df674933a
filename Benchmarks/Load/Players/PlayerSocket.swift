import CSockets
import Glibc
import Primitives

/// A non-blocking UDP socket connected to one address.
package final class PlayerSocket {
    package let descriptor: Int32

    package init(to address: TransportAddress) throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0, SocketAddress.connect(descriptor, to: address) else {
            throw LoadError("No way to \(address): \(String(cString: strerror(errno))).")
        }
    }

    deinit { close(descriptor) }

    /// What the kernel does not take is lost, as on any network.
    package func send(_ datagram: UnsafeRawBufferPointer) {
        _ = Glibc.send(descriptor, datagram.baseAddress, datagram.count, Int32(MSG_NOSIGNAL))
    }

    /// One datagram that has come; nil when there is none.
    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer? {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        return count < 0 ? nil : UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }
}

/// Room for what comes at once at one of many sockets.
package final class DatagramBatch {
    private static let most = 32
    private static let size = 2048
    private let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: most * size, alignment: 16)
    private let datagrams = UnsafeMutableBufferPointer<torii_datagram>.allocate(capacity: most)

    package init() {
        for index in datagrams.indices {
            datagrams[index] = torii_datagram()
            datagrams[index].bytes = bytes.baseAddress.map { $0 + index * Self.size }
        }
    }

    deinit {
        bytes.deallocate()
        datagrams.deallocate()
    }

    /// Calls `body` with what has come, so much as there is room for: what is left makes the socket readable again.
    package func receive(from socket: PlayerSocket, _ body: (UnsafeRawBufferPointer) -> Void) {
        for index in datagrams.indices { datagrams[index].count = UInt32(Self.size) }
        let count = torii_receive_batch(socket.descriptor, datagrams.baseAddress, UInt32(datagrams.count), nil)
        for datagram in datagrams.prefix(Int(max(count, 0))) {
            body(UnsafeRawBufferPointer(start: datagram.bytes, count: Int(datagram.count)))
        }
    }
}

package enum SocketAddress {
    /// True when it is connected. IPv4 only.
    package static func connect(_ descriptor: Int32, to address: TransportAddress) -> Bool {
        var remote = sockaddr_in()
        remote.sin_family = sa_family_t(AF_INET)
        remote.sin_port = address.port.bigEndian
        remote.sin_addr.s_addr = (address.ipv4 ?? 0).bigEndian
        return withUnsafePointer(to: &remote) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

/// CLOCK_MONOTONIC.
package enum Clock {
    package static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}
