import Foundation
import Glibc
import Testing

/// A TCP port of this host that answers every connection with the same bytes.
final class LoopbackServer: @unchecked Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let lock = NSLock()
    private var asked = ""

    /// What was asked last.
    var request: String { lock.withLock { asked } }

    /// - Parameter answer: nil for none, and the connection stays open.
    init(answer: String?) throws {
        (descriptor, port) = try Self.listening()
        Thread.detachNewThread { [descriptor, self] in serve(descriptor, answer) }
    }

    /// Ends the thread as well.
    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private func serve(_ descriptor: Int32, _ answer: String?) {
        var connections: [Int32] = []
        while true {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { break }
            connections.append(connection)
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(connection, &bytes, bytes.count)
            lock.withLock { asked = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) }
            guard let answer else { continue }
            _ = answer.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
            shutdown(connection, Int32(SHUT_WR))
        }
        for connection in connections { close(connection) }
        close(descriptor)
    }

    /// A port that the kernel just gave and took back.
    static func unusedPort() throws -> UInt16 {
        let (descriptor, port) = try listening()
        close(descriptor)
        return port
    }

    private static func listening() throws -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(result, "no port can be had: error \(errno)")
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
