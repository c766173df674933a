import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives
import TLS

/// Why a gateway is not taken for well. The description goes on a sentence that names the gateway.
public enum HealthFailure: Error, Equatable, CustomStringConvertible {
    case late
    case unreachable(String)
    case refused(status: UInt, String)

    public var description: String {
        switch self {
        case .late: "it did not answer in time."
        case .unreachable(let cause): "\(cause)."
        case .refused(let status, let sentence): sentence.isEmpty ? "it answered \(status)." : sentence
        }
    }
}

/// Asks a gateway whether it is well, as a health check does.
public struct HealthProbe: Sendable {
    public enum Question: String, Sendable {
        /// Whether the process runs.
        case live = "/health/live"
        /// Whether new players should be sent there.
        case ready = "/health/ready"
    }

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    private let host: String
    private let port: UInt16
    private let timeout: Milliseconds
    private let isSecure: Bool

    // Our choice: a gateway's own sentences are shorter, and what listens there may be something else.
    private static let longestSentence = 300

    /// - Parameters:
    ///   - timeout: for all of it, from connecting to the answer's end.
    ///   - isSecure: whether the gateway speaks TLS. Its certificate is not verified: it is not for the address that is asked.
    public init(host: String, port: UInt16, timeout: Milliseconds, isSecure: Bool = false) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.timeout = timeout
    }

    /// Returns when the answer is 200.
    public func ask(_ question: Question) async throws(HealthFailure) {
        let span = TimeAmount.nanoseconds(Int64(clamping: timeout.nanoseconds))
        let deadline = NIODeadline.now() + span
        do {
            let connection = try await connect(within: span)
            let alarm = connection.channel.eventLoop.scheduleTask(deadline: deadline) {
                connection.channel.close(promise: nil)
            }
            defer { alarm.cancel() }
            try await Self.exchange(request(question), over: connection)
        } catch let failure as HealthFailure {
            throw failure
        } catch {
            throw NIODeadline.now() >= deadline ? .late : .unreachable(Self.cause(of: error))
        }
    }

    private func connect(within span: TimeAmount) async throws -> Connection {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connectTimeout(span)
            .connect(host: host, port: Int(port)) { [isSecure, host] channel in
                channel.eventLoop.makeCompletedFuture {
                    if isSecure {
                        try channel.pipeline.syncOperations.addHandler(
                            TLSLayer(.client(.unverifiedClient(), host: host, isAddress: false)))
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    private func request(_ question: Question) -> HTTPRequestHead {
        HTTPRequestHead(
            version: .http1_1, method: .GET, uri: question.rawValue,
            headers: ["Host": "\(host.contains(":") ? "[\(host)]" : host):\(port)", "Connection": "close"])
    }

    private static func exchange(_ request: HTTPRequestHead, over connection: Connection) async throws {
        try await connection.executeThenClose { inbound, outbound in
            try await outbound.write(.head(request))
            try await outbound.write(.end(nil))
            var status: UInt?
            var sentence = ""
            for try await part in inbound {
                switch part {
                case .head(let head): status = head.status.code
                case .body(let bytes):
                    sentence += String(buffer: bytes).prefix(longestSentence - sentence.count)
                case .end:
                    guard status != 200 else { return }
                    let line = sentence.prefix { !$0.isNewline }
                    throw HealthFailure.refused(status: status ?? 0, String(line))
                }
            }
            throw ChannelError.eof
        }
    }

    private static func cause(of error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { cause(of: $0.error) } ?? "the name \(error.host) has no address"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.eof: "what listens there closed the connection"
        case is HTTPParserError: "what listens there speaks no HTTP"
        default: "\(error)"
        }
    }
}
