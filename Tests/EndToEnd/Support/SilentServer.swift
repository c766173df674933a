import Foundation
import Glibc

/// Listens on a TCP port of 127.0.0.1, reads what comes and answers nothing.
final class SilentServer: Sendable {
    /// The lines that came, without their ends.
    let lines = Journal<String>()
    let port: UInt16
    private let listener: Int32

    static func running<Result: Sendable>(_ body: (SilentServer) async throws -> Result) async throws -> Result {
        let server = try SilentServer()
        defer { server.close() }
        return try await body(server)
    }

    private init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 ? getsockname(listener, $0, &length) : -1
            }
        }
        guard result == 0, listen(listener, 8) == 0 else {
            throw HarnessError("cannot listen: \(String(cString: strerror(errno)))")
        }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { self.accept() }
    }

    /// The accepting thread then closes the socket; those that read end with their clients.
    private func close() {
        lines.end("the server is closed")
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func accept() {
        while case let connection = Glibc.accept(listener, nil, nil), connection >= 0 {
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            Thread.detachNewThread { self.read(connection) }
        }
        Glibc.close(listener)
    }

    private func read(_ connection: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var rest = ""
        while case let count = recv(connection, &buffer, buffer.count, 0), count > 0 {
            let parts = (rest + String(decoding: buffer.prefix(count), as: UTF8.self)).components(separatedBy: "\r\n")
            for line in parts.dropLast() { lines.append(line) }
            rest = parts.last ?? ""
        }
        Glibc.close(connection)
    }
}
