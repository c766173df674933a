import Glibc
import NIOHTTP1

extension HTTPResponse {
    /// The head as it goes on the wire.
    func head(staysOpen: Bool, with standardHeaders: HTTPHeaders) -> HTTPResponseHead {
        var fields = standardHeaders
        fields.add(contentsOf: headers)
        fields.add(name: "Date", value: HTTPDate.now())
        // RFC 9110 §8.6: for HEAD, the length is the one GET would have; 204 and 304 have none.
        if status.mayHaveResponseBody, pieces == nil {
            fields.add(name: "Content-Length", value: String(body.count))
        }
        fields.add(name: "Connection", value: staysOpen ? "keep-alive" : "close")
        return HTTPResponseHead(version: .http1_1, status: status, headers: fields)
    }

    /// The response to bytes that are no HTTP request. The connection closes after it.
    static func malformed(_ error: HTTPParserError) -> HTTPResponse {
        switch error {
        case .headerOverflow:
            HTTPResponse(
                .requestHeaderFieldsTooLarge, "The request's headers are too large; send fewer or shorter ones.")
        case .invalidVersion:
            HTTPResponse(.httpVersionNotSupported, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        case .invalidEOFState:
            HTTPResponse(.badRequest, "The request was cut off.")
        default:
            HTTPResponse(
                .badRequest, "This is no well-formed HTTP/1.1 request; https:// needs the gateway's --http-certificate."
            )
        }
    }
}

/// The time of day as HTTP writes it (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func now() -> String { text(time(nil)) }

    /// - Parameter seconds: since 1970, between the years 0 and 9999.
    static func text(_ seconds: time_t) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
        return "\(date) \(1900 + parts.tm_year) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }

    private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
