import Foundation
import Glibc

/// One HTTP/1.1 message with a length, or without a body, as read off a connection.
struct HTTPMessage {
    /// Of the first line.
    let words: [String]
    /// By their names in small letters.
    let headers: [String: String]
    private let head: [String]
    private let body: Data

    private static let largest = 1 << 20

    init?(readingFrom descriptor: Int32) {
        var received = Data()
        while received.range(of: Data("\r\n\r\n".utf8)) == nil {
            guard Self.readMore(descriptor, into: &received) else { return nil }
        }
        guard let end = received.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        head = String(decoding: received[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        words = head[0].components(separatedBy: " ")
        let fields = head.dropFirst().compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        headers = Dictionary(fields) { first, _ in first }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard words.count >= 3, (0...Self.largest).contains(length) else { return nil }
        var body = Data(received[end.upperBound...])
        while body.count < length {
            guard Self.readMore(descriptor, into: &body) else { return nil }
        }
        self.body = body
    }

    /// As it came, but that no other follows.
    var lastOnItsConnection: Data {
        let lines = head.filter { !$0.lowercased().hasPrefix("connection:") } + ["Connection: close"]
        return Data((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    /// All that comes until the other side closes.
    static func everything(from descriptor: Int32) -> Data {
        var received = Data()
        while readMore(descriptor, into: &received) {}
        return received
    }

    private static func readMore(_ descriptor: Int32, into data: inout Data) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0, data.count + count <= largest else { return false }
        data.append(contentsOf: buffer[..<count])
        return true
    }
}

/// TCP sockets on 127.0.0.1, as a test's own server or proxy uses them.
enum LoopbackTCP {
    /// A socket that listens on a port the kernel chose; who asked for it closes it.
    static func listening() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = open()
        var address = LoopbackUDP.address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = with(&address) { pointer in
            bind(descriptor, pointer, length) == 0 && listen(descriptor, 64) == 0
                && getsockname(descriptor, pointer, &length) == 0
        }
        guard isListening else { throw HarnessError("no TCP port: \(String(cString: strerror(errno)))") }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    static func connected(to port: UInt16) -> Int32? {
        let descriptor = open()
        var address = LoopbackUDP.address(port: port)
        let isConnected = with(&address) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        guard isConnected else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func open() -> Int32 {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    private static func with<Result>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
    }
}
