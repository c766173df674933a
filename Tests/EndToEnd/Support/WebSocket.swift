import Foundation
import Glibc
import Synchronization

/// A client's end of a WebSocket (RFC 6455) on loopback that carries JSON, as browsers' remote protocols do.
///
/// Left out: everything a browser's own server does not use, which is extensions, pings to it and binary messages.
final class WebSocket: Sendable {
    /// What came.
    let messages = Journal<JSONValue>()
    private let descriptor: Int32
    /// Whole frames, one after the other.
    private let sending = Mutex(())

    /// Opens `ws://127.0.0.1:PORT/…`, in the current network namespace.
    init(_ address: String) throws {
        guard let url = URL(string: address), url.host() == "127.0.0.1",
            let port = url.port.flatMap(UInt16.init(exactly:))
        else { throw HarnessError("\(address) is no WebSocket on loopback") }
        descriptor = try Self.connection(to: port)
        let head = """
            GET \(url.path.isEmpty ? "/" : url.path) HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: \(Data((0..<16).map { _ in UInt8.random(in: 0...255) }).base64EncodedString())\r
            Sec-WebSocket-Version: 13\r
            \r

            """
        guard Stream.send(Data(head.utf8), on: descriptor), let rest = Self.readHead(descriptor) else {
            Glibc.close(descriptor)
            throw HarnessError("\(address) does not speak WebSocket")
        }
        Thread.detachNewThread { self.read(rest) }
    }

    func send(_ message: JSONValue) throws {
        let text = try JSONEncoder().encode(message)
        // RFC 6455 §5.2: the last fragment, text, masked as all that clients send.
        var frame: [UInt8] = [0x81]
        switch text.count {
        case ..<126: frame.append(0x80 | UInt8(text.count))
        case ..<65_536: frame += [0x80 | 126, UInt8(text.count >> 8), UInt8(text.count & 0xff)]
        default: frame += [0x80 | 127] + (0..<8).map { UInt8(text.count >> (56 - 8 * $0) & 0xff) }
        }
        // Never zero, which Firefox takes for none.
        let mask = (0..<4).map { _ in UInt8.random(in: 1...255) }
        frame += mask
        let masked = zip(text, 0...).map { byte, index in byte ^ mask[index % 4] }
        let sent = sending.withLock { _ in Stream.send(Data(frame + masked), on: descriptor) }
        guard sent else { throw HarnessError("the browser has closed its WebSocket") }
    }

    /// Nothing more is sent or comes; the reading thread then closes the socket.
    func close() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private static func connection(to port: UInt16) throws -> Int32 {
        let descriptor =
            try NetworkNamespace.current?.socket(AF_INET)
            ?? socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, result == 0 else { throw HarnessError("nothing listens on port \(port)") }
        return descriptor
    }

    /// What came after the head of a response 101; nil for any other.
    private static func readHead(_ descriptor: Int32) -> [UInt8]? {
        var received: [UInt8] = []
        while received.count < 65_536 {
            guard let more = readSome(descriptor) else { return nil }
            received += more
            guard let end = Data(received).range(of: Data("\r\n\r\n".utf8)) else { continue }
            let isSwitching = String(decoding: received.prefix(12), as: UTF8.self) == "HTTP/1.1 101"
            return isSwitching ? Array(received[end.upperBound...]) : nil
        }
        return nil
    }

    private static func readSome(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            return count > 0 ? Array(buffer[..<count]) : nil
        }
    }

    private func read(_ rest: [UInt8]) {
        var received = rest
        var message: [UInt8] = []
        while true {
            while let frame = Self.takeFrame(&received) {
                guard frame.opcode <= 1 else { continue }
                message += frame.payload
                guard frame.isLast else { continue }
                if let value = try? JSONDecoder().decode(JSONValue.self, from: Data(message)) { messages.append(value) }
                message = []
            }
            guard let more = Self.readSome(descriptor) else { break }
            received += more
        }
        messages.end("the browser closed its WebSocket")
        Glibc.close(descriptor)
    }

    private struct Frame {
        var isLast: Bool
        var opcode: UInt8
        var payload: ArraySlice<UInt8>
    }

    /// Takes the first frame off the front, if it is all there. A server's frames are not masked.
    private static func takeFrame(_ bytes: inout [UInt8]) -> Frame? {
        guard bytes.count >= 2 else { return nil }
        let short = Int(bytes[1] & 0x7f)
        let more = short == 126 ? 2 : short == 127 ? 8 : 0
        guard bytes.count >= 2 + more else { return nil }
        let length = more == 0 ? short : bytes[2..<(2 + more)].reduce(0) { $0 << 8 | Int($1) }
        let end = 2 + more + length
        guard bytes.count >= end else { return nil }
        defer { bytes.removeSubrange(..<end) }
        return Frame(isLast: bytes[0] & 0x80 != 0, opcode: bytes[0] & 0x0f, payload: bytes[(2 + more)..<end])
    }
}
