import NIOHTTP1

/// What an HTTP server is for: it turns requests into responses.
protocol HTTPResponder: Sendable {
    /// On every response, errors included.
    ///
    /// - Parameter origin: the site whose page asks, as its browser says; nil where it says nothing.
    func standardHeaders(for origin: String?) -> HTTPHeaders

    func respond(to request: HTTPRequest) async -> HTTPResponse
}
