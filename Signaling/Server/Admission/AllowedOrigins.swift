import NIOHTTP1

/// Which sites' pages may join, and read what the gateway answers (the Fetch standard, HTTP-network-or-cache fetch).
///
/// It is browsers that say where a page is from, so this keeps other sites from using the gateway through their visitors'
/// browsers; it keeps nobody out who writes a program.
public struct AllowedOrigins: Equatable, Sendable {
    /// Every site: nothing here depends on cookies or on the network the browser is in.
    public static let all = AllowedOrigins(nil)

    /// As browsers send them; nil for all.
    private let list: Set<String>?

    /// - Parameter list: origins as browsers send them, `https://game.example`.
    public init(_ list: [String]?) {
        self.list = list.map { Set($0) }
    }

    /// Without the header it is no page that asks, or one of the gateway's own.
    func allow(_ origin: String?) -> Bool {
        guard let list, let origin else { return true }
        return list.contains(origin)
    }

    /// By which a page can read the answer, errors too.
    func headers(for origin: String?) -> HTTPHeaders {
        guard let list else { return ["Access-Control-Allow-Origin": "*"] }
        // RFC 9110 §12.5.5: caches keep the answers apart.
        guard let origin, list.contains(origin) else { return ["Vary": "Origin"] }
        return ["Access-Control-Allow-Origin": origin, "Vary": "Origin"]
    }
}
