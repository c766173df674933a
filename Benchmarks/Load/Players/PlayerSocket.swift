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
