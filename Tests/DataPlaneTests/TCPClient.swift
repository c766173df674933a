import CSockets
import Foundation
import Glibc
import ICE
import Primitives
import Testing

@testable import DataPlane

/// A browser's end of one TCP connection, closed with the object. Reading waits, but not for ever.
final class TCPClient {
    let descriptor: Int32
    private var decoder = FrameDecoder()
    private var frames: [[UInt8]] = []

    /// - Parameter source: where it comes from; nil for the kernel's choice.
    init(to address: TransportAddress, from source: TransportAddress? = nil, receiveBuffer: Int32? = nil) throws {
        let family = SocketAddress.family(of: address)
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        SocketOption.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        if let receiveBuffer { SocketOption.set(descriptor, SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        if let source {
            try #require(SocketAddress.withPointer(to: source, family: family) { bind(descriptor, $0, $1) } == 0)
        }
        try #require(SocketAddress.withPointer(to: address, family: family) { connect(descriptor, $0, $1) } == 0)
    }

    deinit {
        close(descriptor)
    }

    var address: TransportAddress {
        get throws { try #require(SocketAddress.local(of: descriptor)) }
    }

    func send(_ bytes: [UInt8]) throws {
        let count = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        try #require(count == bytes.count)
    }

    func send(frame: [UInt8]) throws {
        try send([UInt8(frame.count >> 8), UInt8(frame.count & 255)] + frame)
    }

    /// Whether a frame was read already.
    var hasFrame: Bool { !frames.isEmpty }

    /// Whether something, an end included, can be read at once.
    var isReadable: Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, 0) == 1
    }

    /// Ends its sending as soon as the other side has ended its own, as browsers do; what came can still be read.
    func endsWithTheOther() {
        // A descriptor and a thread of its own: this object may go before.
        let descriptor = dup(descriptor)
        Thread.detachNewThread {
            // POLLRDHUP, which the headers show to GNU sources only.
            var watched = pollfd(fd: descriptor, events: 0x2000, revents: 0)
            poll(&watched, 1, 10_000)
            shutdown(descriptor, Int32(SHUT_WR))
            close(descriptor)
        }
    }

    /// Waits for the next frame; nil when the connection has ended.
    func nextFrame() throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while frames.isEmpty {
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            try #require(poll(&watched, 1, 10_000) == 1, "nothing came")
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            let reason = buffer.withUnsafeBytes { bytes in
                decoder.receive(UnsafeRawBufferPointer(rebasing: bytes[..<count])) { frame in
                    frames.append(Array(frame))
                    return true
                }
            }
            #expect(reason == nil)
        }
        return frames.removeFirst()
    }
}
