import Foundation
import Glibc
import Synchronization

/// A server over plain UDP on 127.0.0.1: sends every datagram back as it came. One that is the text `grow SIZE` it answers
/// with so many bytes.
final class UDPEchoServer: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let isClosed = Mutex(false)

    private init() throws {
        (descriptor, port) = try LoopbackUDP.bound()
        Thread.detachNewThread { self.run() }
    }

    /// Runs `body` with one that is closed afterwards.
    static func running<Result: Sendable>(_ body: (UDPEchoServer) async throws -> Result) async throws -> Result {
        let server = try UDPEchoServer()
        defer { server.isClosed.withLock { $0 = true } }
        return try await body(server)
    }

    private func run() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isClosed.withLock({ $0 }) {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // Now and then only to hear of the end.
            _ = poll(&polled, 1, 100)
            var source = sockaddr_in()
            while case let count = LoopbackUDP.receive(descriptor, &buffer, from: &source), count >= 0 {
                let words = String(decoding: buffer[..<min(count, 16)], as: UTF8.self).split(separator: " ")
                if words.count == 2, words[0] == "grow", let size = Int(words[1]) {
                    LoopbackUDP.send(descriptor, [UInt8](repeating: 7, count: size), size, to: source)
                } else {
                    LoopbackUDP.send(descriptor, buffer, count, to: source)
                }
            }
        }
        close(descriptor)
    }
}
