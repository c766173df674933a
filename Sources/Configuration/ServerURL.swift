/// `SCHEME://HOST:PORT`, or `SCHEME+SOURCE://…` where servers are discovered, taken apart.
struct ServerURL {
    let scheme: ServerScheme
    let discovery: DiscoveryKind?
    /// What comes after `://`.
    let target: Substring

    /// - Parameters:
    ///   - place: how the sentence about a fault begins.
    ///   - isInFile: whether options are keys of their own there.
    ///   - first: the scheme of the servers before it, which this one may leave out.
    init(_ text: String, place: String, isInFile: Bool, first: ServerScheme?) throws(ConfigurationError) {
        guard let end = text.firstRange(of: "://") else {
            guard let first else {
                throw ConfigurationError("\(place): the server is missing its scheme; write enet://HOST:PORT.")
            }
            (scheme, discovery, target) = (first, nil, text[...])
            return
        }
        let words = text[..<end.lowerBound].split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        guard let scheme = words.first.flatMap({ ServerScheme(rawValue: String($0)) }) else {
            throw ConfigurationError("\(place): the server is missing its scheme; write enet://HOST:PORT.")
        }
        guard first == nil || first == scheme else {
            throw ConfigurationError("\(place): the servers of a route have one scheme; make two routes of them.")
        }
        let kind = words.count == 2 ? DiscoveryKind(rawValue: String(words[1])) : nil
        guard words.count == 1 || kind != nil else {
            let kinds = DiscoveryKind.allCases.map { "\(scheme.rawValue)+\($0.rawValue)://" }.joined(separator: ", ")
            throw ConfigurationError("\(place): servers are discovered with one of \(kinds).")
        }
        (self.scheme, discovery, target) = (scheme, kind, text[end.upperBound...])
        guard kind == nil, target.contains(where: { "/@#?".contains($0) }) else { return }
        let rest = isInFile ? "and options are keys of their own" : "then nothing but ?OPTION=VALUE"
        throw ConfigurationError("\(place): after \(scheme.rawValue):// comes HOST:PORT, \(rest).")
    }
}
