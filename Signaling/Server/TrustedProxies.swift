import NIOHTTP1
import Primitives

/// The reverse proxies whose word counts about who asks: `X-Forwarded-For`, or `Forwarded` (RFC 7239), or the PROXY protocol
/// at the beginning of a connection.
///
/// Left out: everything else that proxies tell, because nothing here depends on it.
public struct TrustedProxies: Sendable {
    /// Nobody's word counts; who asks is who has connected.
    public static let none = TrustedProxies([])

    private let blocks: [AddressBlock]
    private let announceClients: Bool

    /// - Parameter announceClients: whether their connections begin with a header of the PROXY protocol. Who reads a
    ///   connection has to know: it could be anybody's bytes.
    public init(_ blocks: [AddressBlock], announceClients: Bool = false) {
        self.blocks = blocks
        self.announceClients = announceClients
    }

    /// Whether a connection of this peer begins with a header of the PROXY protocol.
    func announceClient(behind peer: TransportAddress?) -> Bool {
        announceClients && peer.map(isTrusted) == true
    }

    /// A request has both headers: a proxy sets one, and the other may be anybody's.
    struct Contradiction: Error {}

    /// Who asks: the nearest in the chain of proxies that is none of these. What is farther could be made up.
    ///
    /// - Parameter peer: who has connected, here or to a proxy that said so by the PROXY protocol.
    func client(behind peer: TransportAddress?, _ headers: HTTPHeaders) throws(Contradiction) -> TransportAddress? {
        guard var nearest = peer, isTrusted(nearest) else { return peer }
        for hop in try Self.hops(in: headers).reversed() {
            // Unknown, or hidden: then the proxy that says so is all that is known.
            guard let hop else { return nearest }
            nearest = hop
            guard isTrusted(hop) else { return hop }
        }
        return nearest
    }

    private func isTrusted(_ address: TransportAddress) -> Bool {
        blocks.contains { $0.contains(address) }
    }

    // MARK: - Headers

    /// Farthest first, as they are written; nil for one that is no address.
    private static func hops(in headers: HTTPHeaders) throws(Contradiction) -> [TransportAddress?] {
        let (standard, usual) = (headers["forwarded"], headers["x-forwarded-for"])
        guard standard.isEmpty || usual.isEmpty else { throw Contradiction() }
        if standard.isEmpty {
            return usual.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
                .map { address(trimmed($0)) }
        }
        return standard.flatMap { split($0[...], at: ",") }.map(forwardedFor)
    }

    /// RFC 7239 §4: `for=192.0.2.60;proto=http;by=…`, in any order and case.
    private static func forwardedFor(_ element: Substring) -> TransportAddress? {
        for pair in split(element, at: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, trimmed(parts[0]).lowercased() == "for" else { continue }
            let value = trimmed(parts[1])
            guard value.hasPrefix("\"") else { return address(value) }
            guard value.count >= 2, value.hasSuffix("\"") else { return nil }
            return address(value.dropFirst().dropLast())
        }
        return nil
    }

    /// `192.0.2.60`, `2001:db8::1`, `[2001:db8::1]`, and the last and the first with a port.
    private static func address(_ node: Substring) -> TransportAddress? {
        if node.hasPrefix("[") {
            guard let end = node.firstIndex(of: "]") else { return nil }
            let rest = node[node.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            return TransportAddress(literal: node[...end], port: 0)
        }
        let parts = node.split(separator: ":", omittingEmptySubsequences: false)
        return TransportAddress(literal: parts.count == 2 ? parts[0] : node, port: 0)
    }

    /// The parts between separators; one in a quoted string is none (RFC 9110 §5.6.4).
    private static func split(_ text: Substring, at separator: Character) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in text.indices {
            let character = text[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted && character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == separator && !isQuoted {
                parts.append(text[start..<index])
                start = text.index(after: index)
            }
        }
        return parts + [text[start...]]
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let front = text.drop(while: isSpace)
        return front[..<(front.lastIndex { !isSpace($0) }.map { front.index(after: $0) } ?? front.startIndex)]
    }
}
