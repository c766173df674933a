import CSockets
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

    /// Waits for the next frame; nil when the connection has ended.
    func nextFrame() throws -> [UInt8]? {
        while frames.isEmpty {
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            try #require(poll(&watched, 1, 10_000) == 1, "nothing came")
            guard readOnce() else { return nil }
        }
        return frames.removeFirst()
    }

    /// Whether there is a whole frame, once what can be read at once has been.
    func takesFrame() -> Bool {
        while frames.isEmpty, isReadable, readOnce() {}
        return hasFrame
    }

    private func readOnce() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        let reason = buffer.withUnsafeBytes { bytes in
            decoder.receive(UnsafeRawBufferPointer(rebasing: bytes[..<count])) { frame in
                frames.append(Array(frame))
                return true
            }
        }
        #expect(reason == nil)
        return true
    }
}
