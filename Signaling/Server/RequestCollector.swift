import NIOCore
import NIOHTTP1

/// Collects one request's parts, and says as early as possible when it cannot be taken.
struct RequestCollector {
    private let head: HTTPRequestHead
    private let limit: Int
    private var body = ByteBuffer()

    enum Start {
        case collect(RequestCollector)
        /// As `collect`, but the client waits with the body until it is told to go on.
        case collectAfterContinue(RequestCollector)
        case refuse(HTTPResponse)
    }

    static func start(_ head: HTTPRequestHead, bodyLimit: Int) -> Start {
        // RFC 9112 §3.2: without Host, or with several, proxies on the way may have understood another request.
        guard head.headers["host"].count == 1 || head.version == .http1_0 && head.headers["host"].isEmpty else {
            return .refuse(HTTPResponse(.badRequest, "The request must have one Host header."))
        }
        if let announced = head.headers.first(name: "content-length") {
            guard let length = Int(announced), length <= bodyLimit else {
                return .refuse(.bodyTooLarge(limit: bodyLimit))
            }
        }
        let collector = RequestCollector(head: head, limit: bodyLimit)
        // RFC 9110 §10.1.1: HTTP/1.0 has no 100, whatever the header says.
        let waits = head.version != .http1_0 && head.headers.first(name: "expect")?.lowercased() == "100-continue"
        return waits ? .collectAfterContinue(collector) : .collect(collector)
    }

    private init(head: HTTPRequestHead, limit: Int) {
        self.head = head
        self.limit = limit
    }

    /// Takes a part of the body. The response is the refusal of a body that has grown too large.
    mutating func receive(_ part: ByteBuffer) -> HTTPResponse? {
        guard part.readableBytes <= limit - body.readableBytes else { return .bodyTooLarge(limit: limit) }
        body.writeImmutableBuffer(part)
        return nil
    }

    /// The request, once its end has come.
    var request: HTTPRequest {
        HTTPRequest(head.method, head.uri, headers: head.headers, body: Array(body.readableBytesView))
    }
}

extension HTTPRequestHead {
    /// Whether another request may follow on this connection.
    var allowsAnother: Bool {
        // After a request for another protocol, the decoder reads no more HTTP, as the protocol might have changed.
        isKeepAlive && method != .CONNECT && !headers.contains(name: "upgrade")
    }
}
