import Foundation
import Glibc

/// Serves Tests/EndToEnd/Pages over HTTP on a port of its own, of loopback or of the current network
/// namespace, and receives what a page reports.
///
/// It is another origin than the gateway, so a page that joins is a cross-origin one. One request per connection.
/// Left out: everything of HTTP that a browser does not need to load a module and to post JSON.
final class ReportServer: Sendable {
    /// What the page has done so far: the bodies posted to `/report/steps`.
    let steps = Journal<JSONValue>()
    /// The result: the body posted to `/report`.
    let reports = Journal<JSONValue>()
    /// What it was asked for, as "METHOD PATH".
    let requests = Journal<String>()
    /// What the page is to do; it asks for one after the other.
    private let orders = Journal<Order>()
    let port: UInt16
    private let host: String
    private let listener: Int32
    /// Whose datagrams the page carries, if it does.
    private let carrier: UDPCarrier?
    private static let largestRequest = 4 << 20

    /// To launcher.html one of the two: a page's URL to open, or the number of the order that opened the page to close.
    /// With neither it ends what a scenario does until then.
    struct Order: Encodable, Sendable {
        var open: String?
        var close: Int?
    }

    init(carrier: UDPCarrier? = nil) throws {
        self.carrier = carrier
        let listener = try NetworkNamespace.current?.boundSocket() ?? Self.loopbackSocket()
        host = NetworkNamespace.current?.host ?? "127.0.0.1"
        guard listen(listener, 64) == 0, let port = Self.port(of: listener) else {
            throw HarnessError("the report server cannot listen: \(String(cString: strerror(errno)))")
        }
        self.listener = listener
        self.port = port
        Thread.detachNewThread { self.accept() }
    }

    private static func loopbackSocket() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, result == 0 else {
            throw HarnessError("the report server has no socket: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    private static func port(of descriptor: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            let result = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
            guard result == 0 else { return nil }
            // The port is at the same place in the addresses of both families.
            return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt16(bigEndian: $0.pointee.sin_port)
            }
        }
    }

    var origin: String { "http://\(host):\(port)" }

    /// The page gets it when it asks for it; its number is returned.
    @discardableResult
    func order(_ order: Order) -> Int {
        orders.append(order)
    }

    /// Stops listening; the accepting thread then closes the socket.
    func close() {
        orders.end("the server is closed")
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            if connection < 0, errno == EINTR || errno == ECONNABORTED { continue }
            guard connection >= 0 else { break }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            Thread.detachNewThread {
                guard let request = Self.read(connection) else {
                    Glibc.close(connection)
                    return
                }
                self.requests.append("\(request.method) \(request.path)")
                if request.method == "GET", request.path == UDPCarrier.path, let carrier = self.carrier {
                    Self.stream(carrier, to: connection)
                } else if let number = request.orderNumber {
                    Task { Self.send(await self.answer(order: number), on: connection) }
                } else {
                    Self.send(self.answer(request), on: connection)
                }
            }
        }
        Glibc.close(listener)
    }

    private struct Request {
        var method: String
        var path: String
        var body: Data

        /// Of `/orders/NUMBER`.
        var orderNumber: Int? {
            path.hasPrefix("/orders/") ? Int(path.dropFirst("/orders/".count)) : nil
        }
    }

    private struct Response {
        var status: String
        var type = "text/plain"
        var body = Data()
    }

    private func answer(_ request: Request) -> Response {
        switch (request.method, request.path) {
        case ("POST", "/report"): keep(request.body, in: reports)
        case ("POST", "/report/steps"): keep(request.body, in: steps)
        case ("POST", "/echo"): Response(status: "200 OK", type: "application/octet-stream", body: request.body)
        case ("POST", UDPCarrier.path):
            if let carrier { Self.send(request.body, by: carrier) } else { Response(status: "404 Not Found") }
        case ("GET", let path): Self.file(named: String(path.dropFirst()))
        default: Response(status: "405 Method Not Allowed")
        }
    }

    /// Waits until there is one of that number.
    private func answer(order number: Int) async -> Response {
        let order = try? await orders.first("an order", from: number, within: ChildProcess.longestRun) { _ in true }
        guard let order, let body = try? JSONEncoder().encode(order) else { return Response(status: "404 Not Found") }
        return Response(status: "200 OK", type: "application/json", body: body)
    }

    private func keep(_ body: Data, in journal: Journal<JSONValue>) -> Response {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: body) else {
            return Response(status: "400 Bad Request")
        }
        journal.append(value)
        return Response(status: "204 No Content")
    }

    private static func file(named name: String) -> Response {
        let types = ["html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8"]
        // One folder, no subfolders: a slash in the name can only mean mischief.
        guard !name.contains("/"), let type = types[URL(filePath: name).pathExtension],
            let body = FileManager.default.contents(atPath: Checkout.path("Tests/EndToEnd/Pages/\(name)"))
        else { return Response(status: "404 Not Found") }
        return Response(status: "200 OK", type: type, body: body)
    }

    private static func read(_ connection: Int32) -> Request? {
        var received = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var wanted = Int.max
        while received.count < wanted {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0, received.count + count <= largestRequest else { return nil }
            received.append(contentsOf: buffer[..<count])
            guard wanted == Int.max, let head = received.range(of: Data("\r\n\r\n".utf8)) else { continue }
            wanted = head.upperBound + contentLength(received[..<head.lowerBound])
        }
        let words = received.prefix { $0 != UInt8(ascii: "\r") }.split(separator: UInt8(ascii: " "))
        guard words.count == 3, let head = received.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let target = String(decoding: words[1], as: UTF8.self)
        return Request(
            method: String(decoding: words[0], as: UTF8.self),
            path: target.prefix { $0 != "?" }.description,
            body: Data(received[head.upperBound...]))
    }

    private static func contentLength(_ head: Data) -> Int {
        for line in String(decoding: head, as: UTF8.self).split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "content-length" {
                return Int(parts[1].trimmingCharacters(in: .whitespaces)) ?? 0
            }
        }
        return 0
    }

    /// Sends the only response of a connection, and closes that.
    private static func send(_ response: Response, on connection: Int32) {
        defer { Glibc.close(connection) }
        let head = """
            HTTP/1.1 \(response.status)\r
            Content-Type: \(response.type)\r
            Content-Length: \(response.body.count)\r
            Cache-Control: no-store\r
            Connection: close\r
            \r

            """
        _ = Stream.send(Data(head.utf8) + response.body, on: connection)
    }

    private static func send(_ frames: Data, by carrier: UDPCarrier) -> Response {
        carrier.send(frames)
        return Response(status: "204 No Content")
    }

    /// A response without a length, which lasts until the connection closes.
    private static func stream(_ carrier: UDPCarrier, to connection: Int32) {
        defer { Glibc.close(connection) }
        var on: Int32 = 1
        setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let head = """
            HTTP/1.1 200 OK\r
            Content-Type: application/octet-stream\r
            Cache-Control: no-store\r
            Connection: close\r
            \r

            """
        guard Stream.send(Data(head.utf8), on: connection) else { return }
        carrier.stream(to: connection)
    }
}
