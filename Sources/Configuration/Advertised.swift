import Primitives

/// An `--advertise` as written: `IP[:PORT]`.
public enum Advertised {
    /// The address; port 0 stands for the port that `--udp` is bound to.
    public static func address(parsing text: String) throws(ConfigurationError) -> TransportAddress {
        if let bare = TransportAddress(literal: text, port: 0) { return try usable(bare, text) }
        let parsed = try HostPort(parsing: text, origin: "--advertise", defaultPort: 0)
        guard let address = TransportAddress(literal: parsed.host, port: parsed.port) else {
            throw ConfigurationError(
                "--advertise \(AsWritten(text)): browsers need an IP address here, like 203.0.113.7 or 203.0.113.7:8080."
            )
        }
        return try usable(address, text)
    }

    /// Reads several, and refuses an address that comes twice: answers would name it twice.
    public static func addresses(parsing texts: [String]) throws(ConfigurationError) -> [TransportAddress] {
        var addresses: [TransportAddress] = []
        for text in texts {
            let address = try address(parsing: text)
            guard !addresses.contains(address) else {
                throw ConfigurationError("--advertise \(AsWritten(text)) is given twice; give each address once.")
            }
            addresses.append(address)
        }
        return addresses
    }

    private static func usable(_ address: TransportAddress, _ text: String) throws(ConfigurationError)
        -> TransportAddress
    {
        guard !address.isUnspecified else {
            throw ConfigurationError(
                "--advertise \(AsWritten(text)) stands for every address; name one that browsers can reach.")
        }
        return address
    }
}
