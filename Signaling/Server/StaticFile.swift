import NIOHTTP1

/// One file of a site, with everything a response to it needs.
struct StaticFile: Equatable, Sendable {
    static let contentTypes = [
        "css": "text/css; charset=utf-8",
        "html": "text/html; charset=utf-8",
        "ico": "image/x-icon",
        "js": "text/javascript; charset=utf-8",
        "json": "application/json",
        "png": "image/png",
        "svg": "image/svg+xml",
        "txt": "text/plain; charset=utf-8",
        "webp": "image/webp",
        "woff2": "font/woff2",
        "yaml": "application/yaml",
    ]

    /// The page runs its own files, asks its own server, and nothing else; no text becomes markup; nobody frames it.
    static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'"
    /// None of what a browser could offer a page is used here.
    static let permissionsPolicy = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"

    let contents: [UInt8]
    let contentType: String
    /// RFC 9110 §8.8.3: changes when the contents do.
    let entityTag: String

    /// Nil when the name's extension is none of `contentTypes`.
    init?(name: String, contents: [UInt8]) {
        guard let contentType = Self.contentType(of: name) else { return nil }
        self.contents = contents
        self.contentType = contentType
        entityTag = "\"" + String(Self.fingerprint(contents), radix: 16) + "\""
    }

    static func contentType(of name: String) -> String? {
        name.lastIndex(of: ".").flatMap { contentTypes[name[name.index(after: $0)...].lowercased()] }
    }

    /// FNV-1a: two versions of one file need telling apart, not two files of an enemy's choice.
    private static func fingerprint(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    func response(to headers: HTTPHeaders) -> HTTPResponse {
        var answer: HTTPHeaders = [
            "ETag": entityTag,
            // To be kept, and asked about each time: a page of one gateway version never runs with files of another.
            "Cache-Control": "no-cache",
            "Content-Security-Policy": Self.contentSecurityPolicy,
            "Permissions-Policy": Self.permissionsPolicy,
            "Referrer-Policy": "no-referrer",
        ]
        guard !headers.haveCopy(of: entityTag) else { return HTTPResponse(.notModified, headers: answer) }
        answer.add(name: "Content-Type", value: contentType)
        return HTTPResponse(.ok, headers: answer, body: contents)
    }
}
