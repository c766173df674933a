import NIOHTTP1

/// The answer to OPTIONS: what the resource takes, and what a page on another origin may send
/// (Fetch standard, CORS-preflight fetch).
enum Preflight {
    /// More than any one resource takes: a page can only read a refusal, such as 405, when its preflight passed.
    /// OPTIONS too, so that a page can ask a route for its STUN and TURN servers.
    static let allowedMethods = "GET, HEAD, POST, PATCH, DELETE, OPTIONS"
    /// Authorization and If-Match are WHIP's (RFC 9725); clients made for WHIP may send them.
    static let allowedHeaders = "Content-Type, If-Match, Authorization"
    /// Seconds. Firefox keeps an answer for a day at most, Chromium for two hours.
    static let maximumAge = 86_400

    /// Whether OPTIONS comes from a browser by itself, and not from whoever could read the answer. RFC 9725 §4.6 wants no
    /// credentials made for those.
    static func isMeant(by headers: HTTPHeaders) -> Bool {
        headers.contains(name: "Access-Control-Request-Method")
    }

    static func response(for resource: Resource, _ headers: HTTPHeaders) -> HTTPResponse {
        var answer: HTTPHeaders = [
            "Allow": resource.allow,
            "Access-Control-Allow-Methods": allowedMethods,
            "Access-Control-Allow-Headers": allowedHeaders,
            "Access-Control-Max-Age": String(maximumAge),
        ]
        if case .join = resource {
            // How a WHIP endpoint says what to post to it (RFC 9725).
            answer.add(name: "Accept-Post", value: "application/sdp")
        }
        if case .session = resource {
            answer.add(name: "Accept-Patch", value: SessionUpdate.mediaType)
        }
        // Private Network Access: a public page asks before it reaches into a private network. The gateway is there
        // to be reached.
        if headers.first(name: "Access-Control-Request-Private-Network") == "true" {
            answer.add(name: "Access-Control-Allow-Private-Network", value: "true")
        }
        return HTTPResponse(.noContent, headers: answer)
    }
}

extension Resource {
    var allow: String { methods.map(\.rawValue).joined(separator: ", ") }
}
