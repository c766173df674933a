import BenchmarkPlayers
import Glibc
import Primitives

/// TCP, for players whose UDP is blocked: datagrams behind their lengths (RFC 4571 §2).
final class StreamWay: Way {
    let descriptor: Int32
    private var unsent: [UInt8] = []
    private var partial: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    init(to gateway: TransportAddress) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, SocketAddress.connect(descriptor, to: gateway) else {
            throw LoadError("Nothing listens at \(gateway).")
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close(descriptor) }

    func send(_ datagram: [UInt8], at now: Instant) {
        unsent += [UInt8(datagram.count >> 8), UInt8(datagram.count & 255)] + datagram
        write()
    }

    func receive(at now: Instant, _ body: ([UInt8]) -> Void) {
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { partial += buffer[..<count] }
        var start = 0
        while partial.count - start >= 2 {
            let end = start + 2 + Int(partial[start]) << 8 + Int(partial[start + 1])
            guard end <= partial.count else { break }
            body(Array(partial[start + 2..<end]))
            start = end
        }
        partial.removeFirst(start)
    }

    func release(at now: Instant, _ body: ([UInt8]) -> Void) { write() }

    private func write() {
        guard !unsent.isEmpty else { return }
        let count = Glibc.send(descriptor, unsent, unsent.count, Int32(MSG_NOSIGNAL))
        if count > 0 { unsent.removeFirst(count) }
    }
}
