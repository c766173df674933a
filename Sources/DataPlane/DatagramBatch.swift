import CSockets
import Glibc
import Primitives

/// The buffers that datagrams are read into and sent from, some dozens with one system call.
final class DatagramBatch {
    static let capacity = 64
    /// Bytes of the largest datagram taken: a whole record of DTLS. A game server of mbedTLS, as Godot's is, sends its
    /// certificates in one datagram, whatever the MTU, and the network cuts it; all others stay far below.
    static let datagramSize = 17 * 1024

    private let storage = UnsafeMutableRawBufferPointer.allocate(
        byteCount: capacity * datagramSize, alignment: 64)
    private let headers = UnsafeMutableBufferPointer<torii_datagram>.allocate(capacity: capacity)
    /// Datagrams that the next `send` sends.
    private(set) var staged = 0
    /// When the first datagram of the last `receive` reached the kernel, in nanoseconds since 1970; 0 where its socket
    /// does not tell.
    private(set) var firstArrival: UInt64 = 0

    init() {
        headers.initialize(repeating: torii_datagram())
    }

    deinit {
        storage.deallocate()
        headers.deallocate()
    }

    enum Reception {
        case datagrams(Int)
        case nothing
        /// The other side's host says that nobody listens there.
        case refused
        case failed(Int32)
    }

    /// Reads what waits on `socket`, up to `limit` datagrams. It costs something for each that may come.
    func receive(on socket: UDPSocket, limit: Int) -> Reception {
        precondition((1...Self.capacity).contains(limit), "A batch has room for \(Self.capacity) datagrams.")
        for index in 0..<limit {
            headers[index].bytes = storage.baseAddress.map { $0 + index * Self.datagramSize }
            headers[index].count = UInt32(Self.datagramSize)
        }
        let count = torii_receive_batch(socket.descriptor, headers.baseAddress, UInt32(limit), &firstArrival)
        switch count {
        case 0...: return .datagrams(Int(count))
        case -EAGAIN, -EINTR: return .nothing
        case -ECONNREFUSED: return .refused
        default: return .failed(-count)
        }
    }

    /// The bytes of datagram `index` of the last `receive`; nil when it did not fit.
    func datagram(_ index: Int) -> UnsafeRawBufferPointer? {
        let header = headers[index]
        guard header.truncated == 0 else { return nil }
        return UnsafeRawBufferPointer(start: header.bytes, count: Int(header.count))
    }

    /// Where datagram `index` of the last `receive` came from.
    func source(_ index: Int) -> TransportAddress? {
        SocketAddress.read(headers[index].peer)
    }

    /// Adds a datagram to the next `send`. Its bytes must stay until then. False, and nothing added, when the socket
    /// cannot reach the destination. `destination` is nil on a connected socket.
    func stage(
        _ packet: UnsafeRawBufferPointer, to destination: TransportAddress?, on socket: UDPSocket
    ) -> Bool {
        precondition(staged < Self.capacity, "Send a full batch before staging more.")
        headers[staged].bytes = UnsafeMutableRawPointer(mutating: packet.baseAddress)
        headers[staged].count = UInt32(packet.count)
        headers[staged].peer_length = 0
        if let destination {
            guard
                let length = SocketAddress.write(destination, family: socket.family, to: &headers[staged].peer)
            else { return false }
            headers[staged].peer_length = length
        }
        staged += 1
        return true
    }

    var isFull: Bool { staged == Self.capacity }
    var isEmpty: Bool { staged == 0 }

    /// What became of a batch.
    struct Sending: Equatable {
        /// Datagrams the kernel did not take. They are lost as the network loses datagrams, which the protocols above
        /// repair.
        var lost = 0
        /// A connected socket's kernel has learnt since the last call that nobody listens at the other end.
        var wasRefused = false
    }

    /// Sends what was staged.
    func send(on socket: UDPSocket) -> Sending {
        defer { staged = 0 }
        var sending = Sending()
        var done = 0
        while done < staged {
            let sent = torii_send_batch(
                socket.descriptor, headers.baseAddress.map { $0 + done }, UInt32(staged - done))
            switch sent {
            case 1...:
                done += Int(sent)
            case -EINTR:
                continue
            case -EAGAIN:
                sending.lost += staged - done
                return sending
            case -ECONNREFUSED where !sending.wasRefused:
                // It tells of an earlier datagram, once: the same one again.
                sending.wasRefused = true
            default:
                // Other errors belong to the first datagram of the batch: pass it over.
                sending.lost += 1
                done += 1
            }
        }
        return sending
    }
}
