/// A route as it was written: as one text, `NAME=SCHEME://HOST:PORT[?OPTION=VALUE[&…]]`, or as a mapping in the file. What
/// it means is `RouteDefinition`'s to say.
public struct WrittenRoute: Equatable, Sendable {
    public let name: String
    public let origin: Origin
    /// Each `SCHEME://HOST:PORT`, but for schemes that only the first has; properties may follow. Or one
    /// `SCHEME+SOURCE://…`.
    let servers: [Written]
    /// Each once.
    var options: [RouteOption: Written] = [:]

    init(name: String, origin: Origin, servers: [Written]) {
        self.name = name
        self.origin = origin
        self.servers = servers
    }

    /// - Parameter text: what was written after `--route`, or between spaces in the environment.
    init(parsing text: String, _ origin: Origin) throws(ConfigurationError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ConfigurationError(
                "\(origin.place(ofRoute: text)): write NAME=enet://HOST:PORT, like world=enet://127.0.0.1:7777.")
        }
        try Self.check(name: parts[0], place: origin.place(ofRoute: text))
        name = String(parts[0])
        self.origin = origin
        let url = parts[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let isListed = !url[0].prefix { $0 != ":" }.contains("+")
        servers =
            isListed
            ? url[0].split(separator: ",", omittingEmptySubsequences: false).map { Written(String($0), origin) }
            : [Written(String(url[0]), origin)]
        for option in url.count == 2 ? url[1].split(separator: "&") : [] {
            let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = RouteOption(rawValue: String(pair[0].prefix(64))) else {
                let names = RouteOption.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigurationError(
                    "\(place): there is no option \(AsWritten(pair[0])); use one of \(names).")
            }
            guard options[key] == nil else {
                throw ConfigurationError("\(place): \(key.rawValue) is given twice; give it once.")
            }
            options[key] = Written(pair.count == 2 ? String(pair[1]) : "", origin)
        }
    }

    public var isInFile: Bool { origin.line != nil }

    /// How a sentence about the whole of it begins.
    public var place: String { origin.place(ofRoute: name) }

    /// How a sentence about an option begins.
    func place(of option: RouteOption) -> String {
        (options[option]?.origin ?? origin).place(ofRoute: name)
    }

    /// An option as it would be written there.
    func example(_ option: RouteOption, _ value: String) -> String {
        origin.line == nil ? "\(option.rawValue)=\(value)" : "\(option.rawValue): \(value)"
    }

    // Our choice.
    static let nameLimit = 64

    static func check(name: some StringProtocol, place: String) throws(ConfigurationError) {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard allowed, (1...nameLimit).contains(name.utf8.count), name != ".", name != ".." else {
            throw ConfigurationError(
                "\(place): the name must be 1 to \(nameLimit) letters, digits, dots, dashes or underscores.")
        }
    }
}
