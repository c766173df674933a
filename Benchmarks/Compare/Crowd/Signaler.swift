import BenchmarkPlayers
import CSockets
import Foundation
import Glibc
import Synchronization

/// Offers, posted on threads of their own with a connection each that is kept, as a page's is; a descriptor is readable
/// when there are answers.
final class Signaler: Sendable {
    typealias Answer = (player: Int, answer: Result<String, LoadError>)

    let descriptor = eventfd(0, Int32(EFD_NONBLOCK))
    private let urls: [JoinURL]
    private let waiting = Mutex<[(player: Int, offer: String, url: Int)]>([])
    private let answered = Mutex<[Answer]>([])
    private let signal = DispatchSemaphore(value: 0)

    /// - Parameter threads: as many offers are under way at most.
    init(_ urls: [JoinURL], threads: Int) {
        self.urls = urls
        for _ in 0..<threads { Thread.detachNewThread { [self] in work() } }
    }

    /// - Parameter number: of the URLs, in turn.
    func post(_ player: Int, _ offer: String, to number: Int) {
        waiting.withLock { $0.append((player, offer, number % urls.count)) }
        signal.signal()
    }

    func take() -> [Answer] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return answered.withLock { answered in
            defer { answered.removeAll() }
            return answered
        }
    }

    private func work() {
        let connections = urls.map(KeptConnection.init)
        while true {
            signal.wait()
            let next = waiting.withLock { $0.removeFirst() }
            let answer = connections[next.url].answer(to: next.offer)
            answered.withLock { $0.append((next.player, answer)) }
            var one: UInt64 = 1
            _ = write(descriptor, &one, 8)
        }
    }
}

/// One HTTP connection for request after request.
private final class KeptConnection {
    private let url: JoinURL
    private var descriptor: Int32 = -1
    private var buffer = [UInt8](repeating: 0, count: 16_384)
    private static let patience = 20

    init(_ url: JoinURL) { self.url = url }

    func answer(to offer: String) -> Result<String, LoadError> {
        let request = Array(
            ("POST \(url.path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sdp\r\n"
                + "Content-Length: \(offer.utf8.count)\r\n\r\n\(offer)").utf8)
        // A connection that was kept may be closed meanwhile: then another is tried.
        let isKept = descriptor >= 0
        guard let response = exchange(request) ?? (isKept ? exchange(request) : nil) else {
            return .failure(LoadError("An offer was not answered."))
        }
        guard response.status == 201 else {
            return .failure(LoadError("Joining was answered with \(response.status): \(response.body)"))
        }
        return .success(response.body)
    }

    private func exchange(_ request: [UInt8]) -> (status: Int, body: String)? {
        if descriptor < 0 { connect() }
        guard descriptor >= 0, send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count,
            let response = receive()
        else {
            close(descriptor)
            descriptor = -1
            return nil
        }
        return response
    }

    private func connect() {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        if !SocketAddress.connect(descriptor, to: url.address) {
            close(descriptor)
            descriptor = -1
        }
    }

    private func receive() -> (status: Int, body: String)? {
        var text = ""
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            text += String(decoding: buffer[..<count], as: UTF8.self)
            guard let end = text.firstRange(of: "\r\n\r\n") else { continue }
            let head = text[..<end.lowerBound].lowercased()
            let field = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            guard let length = field.flatMap({ Int($0.dropFirst(15).filter { $0 != " " }) }),
                let status = Int(head.dropFirst(9).prefix(3))
            else { return nil }
            let body = text[end.upperBound...]
            if body.utf8.count >= length { return (status, String(body)) }
        }
    }
}
