import NIOHTTP1
import Primitives

/// One whole request.
struct HTTPRequest: Sendable {
    var method: HTTPMethod
    /// As on the request line.
    var target: String
    var headers: HTTPHeaders
    var body: [UInt8]
    /// Who sent it, as the connection says, or the proxies that are trusted.
    var source: TransportAddress?

    init(_ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

extension HTTPHeaders {
    /// The media type, in small letters and without parameters; nil when there is none, or more than one.
    var mediaType: String? {
        let values = self["content-type"]
        guard values.count == 1, let value = values.first else { return nil }
        // RFC 9110 §8.3.1: type and subtype are case-insensitive; parameters follow after ";".
        let type = value.prefix { $0 != ";" }.lowercased()
        return type.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }

    /// The site whose page asks (RFC 6454 §7), as its browser says. Several are none of a browser's, and allowed nowhere.
    var origin: String? {
        let values = self["origin"]
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// Whether the body comes as it is: no coding, or the one that changes nothing.
    var hasPlainContent: Bool {
        self[canonicalForm: "content-encoding"].allSatisfy { $0.lowercased() == "identity" }
    }

    /// RFC 9110 §13.1.2: whether `If-None-Match` names this entity tag, or any.
    func haveCopy(of entityTag: String) -> Bool {
        self[canonicalForm: "if-none-match"].contains { candidate in
            // The comparison is weak: W/ in front makes no difference.
            candidate == "*" || candidate == entityTag || candidate == "W/" + entityTag
        }
    }
}
