import NIOHTTP1

/// One response, without what the connection adds: its length, the date, and whether the connection stays.
struct HTTPResponse: Equatable, Sendable {
    var status: HTTPResponseStatus
    /// On top of `standardHeaders`.
    var headers: HTTPHeaders
    var body: [UInt8]
    /// The rest of the body, which nobody knows the length of; the connection closes after it.
    var pieces: HTTPPieces?

    init(_ status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A refusal, or good news, in one sentence for people. The status is for programs.
    init(_ status: HTTPResponseStatus, _ sentence: String, headers: HTTPHeaders = [:]) {
        self.init(status, headers: headers, body: Array((sentence + "\n").utf8))
        self.headers.replaceOrAdd(name: "Content-Type", value: "text/plain; charset=utf-8")
        self.headers.replaceOrAdd(name: "Cache-Control", value: "no-store")
    }

    /// On every response, errors included, beside what `AllowedOrigins` says: what a page on another origin can read, and
    /// that no browser guesses a type.
    static let standardHeaders: HTTPHeaders = [
        "Access-Control-Expose-Headers": "Location, Torii-Peer-Id, Retry-After, Link, ETag, WWW-Authenticate",
        "X-Content-Type-Options": "nosniff",
    ]
}

extension HTTPHeaders {
    func with(_ name: String, _ value: String) -> HTTPHeaders {
        var copy = self
        copy.replaceOrAdd(name: name, value: value)
        return copy
    }
}
