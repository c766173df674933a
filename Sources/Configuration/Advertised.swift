import Primitives

/// An `--advertise` or `--advertise-tcp` as written: `IP[:PORT]`.
public enum Advertised {
    /// The address; port 0 stands for the port that the gateway itself is bound to.
    ///
    /// - Parameter origin: where the text was written, as the error shall name it.
    public static func address(
        parsing text: String, origin: String = "--advertise"
    ) throws(ConfigurationError) -> TransportAddress {
        if let bare = TransportAddress(literal: text, port: 0) { return try usable(bare, text, origin) }
        let parsed = try HostPort(parsing: text, origin: origin, defaultPort: 0)
        guard let address = TransportAddress(literal: parsed.host, port: parsed.port) else {
            throw ConfigurationError(
                "\(origin) \(AsWritten(text)): browsers need an IP address here, like 203.0.113.7 or 203.0.113.7:8080."
            )
        }
        return try usable(address, text, origin)
    }

    /// Reads several, and refuses an address that comes twice: answers would name it twice.
    public static func addresses(
        parsing texts: [String], origin: String = "--advertise"
    ) throws(ConfigurationError) -> [TransportAddress] {
        var addresses: [TransportAddress] = []
        for text in texts {
            let address = try address(parsing: text, origin: origin)
            guard !addresses.contains(address) else {
                throw ConfigurationError("\(origin) \(AsWritten(text)) is given twice; give each address once.")
            }
            addresses.append(address)
        }
        return addresses
    }

    private static func usable(
        _ address: TransportAddress, _ text: String, _ origin: String
    ) throws(ConfigurationError) -> TransportAddress {
        guard !address.isUnspecified else {
            throw ConfigurationError(
                "\(origin) \(AsWritten(text)) stands for every address; name one that browsers can reach.")
        }
        return address
    }
}
