import NIOHTTP1

/// What an HTTP server is for: it turns requests into responses.
protocol HTTPResponder: Sendable {
    /// On every response, errors included.
    var standardHeaders: HTTPHeaders { get }

    func respond(to request: HTTPRequest) async -> HTTPResponse
}
