import Glibc
import Primitives

/// A request on a connection of its own, which blocks until it is answered.
package struct HTTPRequest: Sendable {
    private let bytes: [UInt8]

    package init(_ method: String, _ path: String, type: String? = nil, body: String = "") {
        let typeLine = type.map { "Content-Type: \($0)\r\n" } ?? ""
        bytes = Array(
            ("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(typeLine)Connection: close\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
    }

    /// Whatever bytes.
    package init(raw bytes: [UInt8]) { self.bytes = bytes }

    /// - Throws: `LoadError` where nobody answers within some seconds, or not in HTTP.
    package func send(to address: TransportAddress) throws -> HTTPReply {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        guard descriptor >= 0, SocketAddress.connect(descriptor, to: address) else {
            throw LoadError("Nothing listens at \(address).")
        }
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw LoadError("A request to \(address) could not be sent.")
        }
        var response: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { response += buffer[..<count] }
        guard let reply = HTTPReply(parsing: String(decoding: response, as: UTF8.self)) else {
            throw LoadError("\(address) did not answer a request.")
        }
        return reply
    }

    /// Seconds.
    private static let patience = 20
}

package struct HTTPReply: Sendable {
    package let status: Int
    package let body: String
    private let head: String

    init?(parsing text: String) {
        guard text.hasPrefix("HTTP/1.1 "), let status = Int(text.dropFirst(9).prefix(3)),
            let end = text.firstRange(of: "\r\n\r\n")
        else { return nil }
        self.status = status
        head = String(text[..<end.lowerBound])
        body = String(text[end.upperBound...])
    }

    package func header(_ name: String) -> String? {
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("\(name.lowercased()): ") }
        return line.map { String($0.dropFirst(name.utf8.count + 2)) }
    }
}

package struct LoadError: Error {
    package let sentence: String

    package init(_ sentence: String) { self.sentence = sentence }
}
