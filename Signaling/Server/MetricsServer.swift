import NIOHTTP1
import Primitives

/// A listener of its own for Prometheus, apart from the one that players reach.
public struct MetricsServer: Sendable {
    /// Where it is reached; the port is the one the system chose when 0 was asked for.
    public var localAddress: TransportAddress { server.localAddress }

    let server: SignalingServer

    /// Every bound. Our choice: there are one or two who scrape, and each request costs the sessions' thread a moment.
    public static let limits: Limits = {
        var limits = Limits()
        limits.connections = 16
        limits.bodyBytes = 1024
        return limits
    }()

    /// Listens, and answers from now on.
    ///
    /// - Parameters:
    ///   - host: an address of this machine, or a name of one.
    ///   - port: 0 for one that is free.
    ///   - mediaType: of the page.
    ///   - page: the page as it is now.
    public static func start(
        host: String, port: UInt16, mediaType: String, page: @escaping @Sendable () async -> String
    ) async throws(MetricsStartError) -> MetricsServer {
        do throws(SignalingStartError) {
            let service = MetricsService(mediaType: mediaType, page: page)
            return MetricsServer(server: try await SignalingServer.start(host, port, service, limits: limits))
        } catch {
            throw MetricsStartError(cause: error)
        }
    }

    public func stop() async {
        await server.stop()
    }
}

/// Why metrics cannot be served.
public struct MetricsStartError: Error, Equatable, CustomStringConvertible {
    public let cause: SignalingStartError

    /// One sentence that names the address and the cure.
    public var description: String { cause.sentence(of: "metrics") }
}

/// Answers `GET /metrics`, and nothing else.
struct MetricsService: HTTPResponder {
    let mediaType: String
    let page: @Sendable () async -> String
    /// No page of another origin may read this, other than signaling.
    func standardHeaders(for origin: String?) -> HTTPHeaders { ["X-Content-Type-Options": "nosniff"] }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard RequestTarget(request.target)?.segments == ["metrics"] else {
            return HTTPResponse(.notFound, "There is nothing at this path; metrics are at /metrics.")
        }
        guard request.method == .GET || request.method == .HEAD else {
            return HTTPResponse(
                .methodNotAllowed, "\(request.method.rawValue) is not possible here; use GET or HEAD.",
                headers: ["Allow": "GET, HEAD"])
        }
        return HTTPResponse(
            .ok, headers: ["Content-Type": mediaType, "Cache-Control": "no-store"], body: Array(await page().utf8))
    }
}
