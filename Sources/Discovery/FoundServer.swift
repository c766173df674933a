import Gateway

/// A server as a source names it: an address or a name, which may still have to be looked up.
struct FoundServer: Equatable {
    var host: String
    /// Nil for the usual one.
    var port: UInt16?
    var name: String?
    var weight: Int?
    var capacity: Int?

    init(host: String, port: UInt16?) {
        self.host = host
        self.port = port
    }

    /// - Parameter line: `HOST[:PORT]`, and properties after spaces.
    init(parsing line: Substring) throws(DiscoveryError) {
        let words = line.split { $0 == " " || $0 == "\t" || $0 == ";" }
        guard let (host, port) = words.first.flatMap(Self.place) else {
            throw DiscoveryError("a server is written HOST:PORT, with an IPv6 address in brackets")
        }
        do throws(ServerPropertyError) {
            let properties = try ServerProperties(words.dropFirst())
            self.init(host: host, port: port)
            (name, weight, capacity) = (properties.name, properties.weight, properties.capacity)
        } catch {
            throw DiscoveryError(error.sentence)
        }
    }

    /// - Parameter text: `192.0.2.1:7777`, `game.example:7777`, `[2001:db8::1]:7777`, or without the port.
    private static func place(_ text: Substring) -> (String, UInt16?)? {
        var (host, rest) = (text, Substring())
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            (host, rest) = (text[text.index(after: text.startIndex)..<end], text[text.index(after: end)...])
        } else if let colon = text.firstIndex(of: ":") {
            (host, rest) = (text[..<colon], text[colon...])
        }
        guard isHost(host) else { return nil }
        guard !rest.isEmpty else { return (String(host), nil) }
        guard rest.first == ":", let port = Self.port(rest.dropFirst()) else { return nil }
        return (String(host), port)
    }

    private static func port(_ text: Substring) -> UInt16? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(text), port > 0 else {
            return nil
        }
        return port
    }

    /// Whether it could be a host name or an address: what it says is somebody else's.
    static func isHost(_ text: some StringProtocol) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
