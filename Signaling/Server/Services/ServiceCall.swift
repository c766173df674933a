import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import TLS

/// Where a service of the operator's own answers over HTTP, such as the one with the keys of tokens.
public struct ServiceAddress: Equatable, Sendable {
    public let isSecure: Bool
    /// A name, or an address without brackets.
    public let host: String
    public let port: UInt16
    /// Path and query, as on the request line.
    public let target: String

    public init(isSecure: Bool, host: String, port: UInt16, target: String) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.target = target
    }

    /// For the header Host.
    fileprivate var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }
}

/// Why a service gave no answer. The description goes on a sentence that names it.
enum ServiceFailure: Error, Equatable, CustomStringConvertible {
    case late
    case tooLong
    case unreachable(String)

    var description: String {
        switch self {
        case .late: "it did not answer in time"
        case .tooLong: "its answer is too long"
        case .unreachable(let cause): cause
        }
    }
}

/// One request to a service, on a connection of its own. Redirections are not followed.
struct ServiceCall: Sendable {
    struct Answer: Equatable, Sendable {
        let status: UInt
        let body: [UInt8]
    }

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    let address: ServiceAddress
    /// What `https` is verified by.
    let trust: TLSContext
    /// For all of it, from looking up the name to the answer's end.
    let timeout: TimeAmount
    /// Bytes of an answer's body.
    let longest: Int

    func get() async throws(ServiceFailure) -> Answer {
        try await send(.GET, headers: [:], body: [])
    }

    func post(_ body: [UInt8], type: String) async throws(ServiceFailure) -> Answer {
        try await send(
            .POST, headers: ["Content-Type": type, "Content-Length": String(body.count)], body: body)
    }

    private func send(_ method: HTTPMethod, headers: HTTPHeaders, body: [UInt8]) async throws(ServiceFailure) -> Answer
    {
        let deadline = NIODeadline.now() + timeout
        do {
            let connection = try await connect()
            let alarm = connection.channel.eventLoop.scheduleTask(deadline: deadline) {
                connection.channel.close(promise: nil)
            }
            defer { alarm.cancel() }
            var all: HTTPHeaders = [
                "Host": address.authority, "Connection": "close", "Accept": "application/json",
                "User-Agent": "torii",
            ]
            all.add(contentsOf: headers)
            let head = HTTPRequestHead(version: .http1_1, method: method, uri: address.target, headers: all)
            return try await exchange(head, body, over: connection)
        } catch let failure as ServiceFailure {
            throw failure
        } catch {
            throw NIODeadline.now() >= deadline ? .late : .unreachable(Self.cause(of: error))
        }
    }

    private func connect() async throws -> Connection {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connectTimeout(timeout)
            .connect(host: address.host, port: Int(address.port)) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if address.isSecure {
                        let isAddress = (try? SocketAddress(ipAddress: address.host, port: 0)) != nil
                        try pipeline.addHandler(
                            TLSLayer(.client(trust, host: address.host, isAddress: isAddress)))
                    }
                    try pipeline.addHTTPClientHandlers()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    private func exchange(
        _ head: HTTPRequestHead, _ body: [UInt8], over connection: Connection
    ) async throws -> Answer {
        var request: [HTTPClientRequestPart] = [.head(head)]
        if !body.isEmpty { request.append(.body(.byteBuffer(ByteBuffer(bytes: body)))) }
        request.append(.end(nil))
        return try await connection.executeThenClose { inbound, outbound in
            // A service may answer and close before it has read all of this (RFC 9112 §9.6): its answer counts, or
            // else why it came to that, which only reading tells.
            var failure: any Error = ChannelError.eof
            do { try await outbound.write(contentsOf: request) } catch { failure = error }
            var status: UInt?
            var received: [UInt8] = []
            for try await part in inbound {
                switch part {
                case .head(let head): status = head.status.code
                case .body(let bytes):
                    guard received.count + bytes.readableBytes <= longest else { throw ServiceFailure.tooLong }
                    received += bytes.readableBytesView
                case .end: return Answer(status: status ?? 0, body: received)
                }
            }
            throw failure
        }
    }

    private static func cause(of error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { cause(of: $0.error) } ?? "the name \(error.host) has no address"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.eof: "it closed the connection"
        case is HTTPParserError: "it speaks no HTTP"
        default: "\(error)"
        }
    }
}
