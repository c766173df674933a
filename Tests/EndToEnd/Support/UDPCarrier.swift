import Foundation
import Glibc
import Synchronization

/// A UDP port for a program of this host whose datagrams a page carries on, and the other way: a browser has no UDP of
/// its own.
///
/// The page reads what the program sends as one endless HTTP response and posts what is for the program, both as
/// datagrams with their length, in two bytes, before each (Pages/datagrams.js has the other end). The program is whoever
/// sent last.
final class UDPCarrier: Sendable {
    /// The page's side is at this path of the `ReportServer`.
    static let path = "/datagrams"

    let port: UInt16
    private let descriptor: Int32
    private let state = Mutex(State())

    private struct State {
        var program: sockaddr_in?
        var largest = 0
        var isClosed = false
    }

    init() throws {
        (descriptor, port) = try LoopbackUDP.bound()
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Bytes of the largest datagram the program sent.
    var largest: Int { state.withLock { $0.largest } }

    func close() {
        state.withLock { $0.isClosed = true }
    }

    /// Runs `body` with one that is closed afterwards.
    static func running<Result: Sendable>(_ body: (UDPCarrier) async throws -> Result) async throws -> Result {
        let carrier = try UDPCarrier()
        defer { carrier.close() }
        return try await body(carrier)
    }

    /// Writes what the program sends to a page's connection, until the page no longer reads or this is closed.
    func stream(to connection: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !state.withLock({ $0.isClosed }) {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // Now and then only to hear of the end.
            _ = poll(&polled, 1, 100)
            var frames = Data()
            while let datagram = receive(&buffer) {
                frames.append(contentsOf: [UInt8(datagram.count >> 8), UInt8(datagram.count & 0xFF)])
                frames.append(contentsOf: datagram)
            }
            guard frames.isEmpty || Stream.send(frames, on: connection) else { return }
        }
    }

    private func receive(_ buffer: inout [UInt8]) -> ArraySlice<UInt8>? {
        var source = sockaddr_in()
        let count = LoopbackUDP.receive(descriptor, &buffer, from: &source)
        guard count >= 0 else { return nil }
        state.withLock { state in
            state.program = source
            state.largest = max(state.largest, count)
        }
        return buffer[..<count]
    }

    /// Sends the program what a page posted.
    func send(_ frames: Data) {
        guard let program = state.withLock({ $0.program }) else { return }
        var rest = Array(frames)[...]
        while rest.count >= 2 {
            let count = Int(rest.removeFirst()) << 8 | Int(rest.removeFirst())
            LoopbackUDP.send(descriptor, Array(rest.prefix(count)), min(count, rest.count), to: program)
            rest = rest.dropFirst(count)
        }
    }
}

/// A stream socket.
enum Stream {
    /// Sends all of it; false when the other side takes no more.
    static func send(_ data: Data, on descriptor: Int32) -> Bool {
        var rest = Array(data)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
