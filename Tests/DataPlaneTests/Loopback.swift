import CSockets
import Glibc
import Primitives
import Testing

@testable import DataPlane

enum Loopback {
    static let ipv4 = TransportAddress(ipv4: 0x7F00_0001, port: 0)
    static let ipv6 = TransportAddress(ipv6: 0, 1, port: 0)
    static let anyIPv6 = TransportAddress(ipv6: 0, 0, port: 0)

    /// Where nobody listens: a port that the kernel just gave and took back.
    static func closedPort(_ host: TransportAddress = ipv4) throws -> TransportAddress {
        try #require(UDPSocket(boundTo: host).localAddress)
    }
}

extension UDPSocket {
    var address: TransportAddress {
        get throws { try #require(localAddress) }
    }

    /// Blocks until something waits to be read, an error included; false when nothing came for a long time.
    func waitsToBeRead() -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, 10_000) == 1
    }
}

extension DatagramBatch {
    /// Sends these in as few calls as the capacity allows.
    func send(_ datagrams: [[UInt8]], to destination: TransportAddress?, on socket: UDPSocket) -> Sending {
        var all = Sending()
        // Staged bytes must stay in place until they are sent.
        let copies = datagrams.map { bytes in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
            copy.copyBytes(from: bytes)
            return copy
        }
        defer { copies.forEach { $0.deallocate() } }
        for copy in copies {
            if isFull { all.add(send(on: socket)) }
            if !stage(UnsafeRawBufferPointer(copy), to: destination, on: socket) { all.lost += 1 }
        }
        if !isEmpty { all.add(send(on: socket)) }
        return all
    }

    /// The next batch as bytes and sources, waited for; nil in place of what did not fit.
    func received(on socket: UDPSocket) throws -> [(bytes: [UInt8]?, source: TransportAddress?)] {
        try #require(socket.waitsToBeRead())
        guard case .datagrams(let count) = receive(on: socket, limit: DatagramBatch.capacity) else { return [] }
        return (0..<count).map { (datagram($0).map { Array($0) }, source($0)) }
    }
}

extension DatagramBatch.Sending {
    fileprivate mutating func add(_ other: Self) {
        lost += other.lost
        wasRefused = wasRefused || other.wasRefused
    }
}
