/// A `--turn` as written: `turn:HOST[:PORT][?transport=udp|tcp]` or `turns:` (RFC 7065), or `stun:HOST[:PORT]`
/// (RFC 7064).
///
/// Left out: `stuns:`, which browsers do not have.
public struct ICEServerURL: Equatable, Sendable {
    /// As written.
    public let text: String
    /// TURN relays for those it knows; STUN answers everyone.
    public let needsCredential: Bool

    // Our choice.
    /// Browsers warn from five on, because each one delays the gathering of candidates.
    static let limit = 8
    // From RFC 7065 §3.2, for the check of what is written; the browser fills it in.
    private static let defaultPort: UInt16 = 3478

    init(parsing text: String, origin: Origin = .flag) throws(ConfigurationError) {
        let place = "\(origin.place(of: .turn)) \(AsWritten(text))"
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["turn", "turns", "stun"].contains(parts[0]) else {
            throw ConfigurationError("\(place): write turn:HOST:PORT, turns:HOST:PORT or stun:HOST:PORT.")
        }
        guard !parts[1].hasPrefix("/") else {
            throw ConfigurationError("\(place): no slashes follow \(parts[0]): in these; write \(parts[0]):HOST:PORT.")
        }
        needsCredential = parts[0] != "stun"
        let target = parts[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let server = try HostPort(parsing: target[0], origin: origin.place(of: .turn), defaultPort: Self.defaultPort)
        guard server.port != 0 else {
            throw ConfigurationError("\(place): a server's port cannot be 0; write the one it listens on.")
        }
        if target.count == 2 {
            guard needsCredential, ["transport=udp", "transport=tcp"].contains(target[1]) else {
                let cure = needsCredential ? "only ?transport=udp or ?transport=tcp" : "nothing, as STUN has no options"
                throw ConfigurationError("\(place): after the port comes \(cure).")
            }
        }
        self.text = text
    }

    /// Reads several, and refuses one that comes twice.
    static func all(_ texts: [Written]) throws(ConfigurationError) -> [ICEServerURL] {
        var urls: [ICEServerURL] = []
        for written in texts {
            let url = try ICEServerURL(parsing: written.text, origin: written.origin)
            let place = written.origin.place(of: .turn)
            guard !urls.contains(url) else {
                throw ConfigurationError("\(place) \(AsWritten(written.text)) is given twice; give each server once.")
            }
            guard urls.count < limit else {
                throw ConfigurationError(
                    "\(place) is given \(texts.count) times; name at most \(limit) servers, as each slows browsers down."
                )
            }
            urls.append(url)
        }
        return urls
    }
}
