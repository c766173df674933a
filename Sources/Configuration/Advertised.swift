import Primitives

/// An `--advertise` or `--advertise-tcp` as written: `HOST[:PORT]`, where HOST is an IP address or a name.
public enum Advertised {
    /// The host, a literal in its usual spelling; port 0 stands for the port that the gateway itself is bound to.
    ///
    /// - Parameter origin: where the text was written, as the error shall name it.
    public static func host(parsing text: String, origin: String = "--advertise") throws(ConfigurationError) -> HostPort
    {
        if let bare = TransportAddress(literal: text, port: 0) { return try usable(bare, text, origin) }
        let parsed = try HostPort(parsing: text, origin: origin, defaultPort: 0)
        if let address = TransportAddress(literal: parsed.host, port: parsed.port) {
            return try usable(address, text, origin)
        }
        guard isName(parsed.host) else {
            throw ConfigurationError(
                "\(origin) \(AsWritten(text)): browsers need an IP address or a host name here, like 203.0.113.7:8080."
            )
        }
        return parsed
    }

    /// Reads several, and refuses one that comes twice. Two that differ may still come to one address.
    static func hosts(parsing texts: [Written], of setting: Setting) throws(ConfigurationError) -> [HostPort] {
        var hosts: [HostPort] = []
        for written in texts {
            let place = written.origin.place(of: setting)
            let host = try host(parsing: written.text, origin: place)
            guard !hosts.contains(host) else {
                throw ConfigurationError("\(place) \(AsWritten(written.text)) is given twice; give each address once.")
            }
            hosts.append(host)
        }
        return hosts
    }

    private static func usable(
        _ address: TransportAddress, _ text: String, _ origin: String
    ) throws(ConfigurationError) -> HostPort {
        guard !address.isUnspecified else {
            throw ConfigurationError(
                "\(origin) \(AsWritten(text)) stands for every address; name one that browsers can reach.")
        }
        return HostPort(host: address.host, port: address.port)
    }

    /// Whether the resolver would take it for a name. It reads what ends in a number as an IPv4 address of some
    /// unusual spelling, `1.2.3` for 1.2.0.3 (RFC 6943 §3.1.1), which nobody means.
    private static func isName(_ host: String) -> Bool {
        guard !host.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "%") }) else { return false }
        guard let last = host.split(separator: ".").last?.lowercased() else { return false }
        return !last.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) && !last.hasPrefix("0x")
    }
}
