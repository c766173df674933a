import CSockets
import Glibc
import Primitives

/// A non-blocking UDP socket on 127.0.0.1 with an eventfd beside it that ends a wait.
struct LoopbackSocket: Sendable {
    static let loopback: UInt32 = 0x7F00_0001
    /// libenet's largest datagram and one byte more, so that a longer one shows.
    private static let bufferSize = 4097

    let address: TransportAddress
    private let descriptor: Int32
    private let wakeDescriptor: Int32

    /// - Parameter port: 0 for any.
    init(port: UInt16) throws(DemoError) {
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw .systemCall("socket", errno: errno) }
        do throws(DemoError) {
            address = try Self.bind(descriptor, port)
            wakeDescriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
            guard wakeDescriptor >= 0 else { throw .systemCall("eventfd", errno: errno) }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    /// Once, after the last use.
    func close() {
        Glibc.close(descriptor)
        Glibc.close(wakeDescriptor)
    }

    /// Ends the wait in progress, and every later one, at once. From any thread.
    func wake() {
        eventfd_write(wakeDescriptor, 1)
    }

    /// Waits for a datagram or until `deadline`. False when woken.
    func wait(until deadline: Instant?) -> Bool {
        var waiting = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        let span = deadline.map { $0.since(MonotonicClock.now) }
        // Rounded up, so that the deadline has passed when poll returns; a minute at most.
        let timeout = span.map { Int32(min($0.nanoseconds, 60_000_000_000).advanced(by: 999_999) / 1_000_000) } ?? -1
        poll(&waiting, nfds_t(waiting.count), timeout)
        return waiting[1].revents == 0
    }

    /// Hands over the datagrams that have come, 64 at most.
    func receive(_ body: (UnsafeRawBufferPointer, TransportAddress) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: Self.bufferSize, alignment: 8) { buffer in
            for _ in 0..<64 {
                var source = sockaddr_in()
                var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                let count = withUnsafeMutablePointer(to: &source) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        recvfrom(descriptor, buffer.baseAddress, buffer.count, 0, $0, &length)
                    }
                }
                // Below zero: none left, or a port unreachable that an earlier datagram caused.
                guard count >= 0 else { return }
                let from = TransportAddress(
                    ipv4: UInt32(bigEndian: source.sin_addr.s_addr), port: UInt16(bigEndian: source.sin_port))
                body(UnsafeRawBufferPointer(rebasing: buffer[..<count]), from)
            }
        }
    }

    /// A datagram the kernel has no room for is lost, as on any network.
    func send(_ datagram: UnsafeRawBufferPointer, to destination: TransportAddress) {
        guard var address = Self.socketAddress(destination) else { return }
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor, datagram.baseAddress, datagram.count, Int32(MSG_NOSIGNAL), $0,
                    socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func bind(_ descriptor: Int32, _ port: UInt16) throws(DemoError) -> TransportAddress {
        let wanted = TransportAddress(ipv4: loopback, port: port)
        guard var address = socketAddress(wanted) else { throw .addressNotIPv4 }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard status else { throw errno == EADDRINUSE ? .portInUse(port) : .systemCall("bind", errno: errno) }
        return wanted.with(port: UInt16(bigEndian: address.sin_port))
    }

    private static func socketAddress(_ address: TransportAddress) -> sockaddr_in? {
        guard let ipv4 = address.ipv4 else { return nil }
        var result = sockaddr_in()
        result.sin_family = sa_family_t(AF_INET)
        result.sin_port = address.port.bigEndian
        result.sin_addr.s_addr = ipv4.bigEndian
        return result
    }
}

/// The demo's clock: CLOCK_MONOTONIC.
enum MonotonicClock {
    static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}
