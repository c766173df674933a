import Yams

/// The configuration file: YAML, a mapping of settings' names to their values.
///
/// Left out: several documents in one file, merge keys (`<<`), and YAML's types: a value is what is written, and what it
/// means is the setting's to say.
struct ConfigurationFile {
    private let path: String
    private(set) var settings = WrittenSettings()
    private(set) var faults = FaultCollector()

    // Our choice.
    /// A thousand routes with all their options have a fifth of it.
    static let longest = 1 << 20

    /// Reads a file; what is wrong is in `faults`.
    init(path: String) {
        self.path = path
        let text = faults.collect { () throws(ConfigurationError) in
            try TextFile.read(
                path, place: AsWritten(path, limit: AsWritten.pathLimit).description, longest: Self.longest)
        }
        if let text { parse(text) }
    }

    /// - Parameter path: what sentences call the file.
    init(parsing text: String, path: String) {
        self.path = path
        parse(text)
    }

    private mutating func parse(_ text: String) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text, .default, .default, .utf8)
        } catch {
            let (line, sentence) = Self.explanation(of: error)
            return refuse(line, sentence)
        }
        // A file of nothing but comments says nothing.
        guard let root else { return }
        switch root {
        case .mapping(let mapping): for (key, value) in mapping { read(key, value) }
        case .scalar(let scalar) where scalar.string.isEmpty: break
        case .scalar, .sequence, .alias: refuse(root, "here must be settings, like max-sessions: 1000.")
        }
    }

    private mutating func read(_ key: Node, _ value: Node) {
        guard let name = key.scalar?.string, let setting = Setting(rawValue: name) else {
            return refuse(key, Self.unknown(key, "a setting", among: Setting.allCases.map(\.rawValue)))
        }
        switch setting.form {
        case .text, .number, .secret:
            if let text = scalar(value, of: name) { settings.values[setting] = [text] }
        case .list:
            guard case .sequence(let items) = value else {
                return refuse(value, "\(name) is a list; write \(name): [\(setting.valueName), …].")
            }
            settings.values[setting] = items.compactMap { scalar($0, of: name) }
        case .routes:
            readRoutes(value)
        }
    }

    private mutating func readRoutes(_ value: Node) {
        guard case .mapping(let mapping) = value else {
            return refuse(
                value, "routes has each route under its name, like routes: {world: {server: enet://127.0.0.1:7777}}.")
        }
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                refuse(key, "a route has a name here, like world.")
                continue
            }
            let origin = origin(of: key)
            faults.collect(origin) { () throws(ConfigurationError) in
                try WrittenRoute.check(name: name, place: origin.place(ofRoute: name))
            }
            guard let route = route(name, origin, value) else { continue }
            faults.collect(origin) { () throws(ConfigurationError) in try settings.add(route) }
        }
    }

    /// Nil when something in it is refused.
    private mutating func route(_ name: String, _ origin: Origin, _ value: Node) -> WrittenRoute? {
        let shown = "route \(AsWritten(name))"
        guard case .mapping(let mapping) = value else {
            refuse(value, "\(shown) has its server and options under it, like server: enet://127.0.0.1:7777.")
            return nil
        }
        var servers: [Written]?
        var isNamed = false
        var options: [RouteOption: Written] = [:]
        for (key, value) in mapping {
            switch key.scalar?.string {
            case "server"?, "servers"?:
                if isNamed { refuse(key, "\(shown) has server or servers; leave one of them out.") }
                isNamed = true
                servers =
                    key.scalar?.string == "servers"
                    ? self.servers(value, of: shown) : scalar(value, of: "\(shown): server").map { [$0] }
            case .some(let name):
                guard let option = RouteOption(rawValue: name) else { fallthrough }
                options[option] = scalar(value, of: "\(shown): \(name)")
            case nil:
                let names = ["server", "servers"] + RouteOption.allCases.map(\.rawValue)
                refuse(key, "\(shown): \(Self.unknown(key, "an option", among: names))")
            }
        }
        guard let servers else {
            if !isNamed {
                faults.add(
                    "\(origin.place(ofRoute: name)) has no server; write server: enet://HOST:PORT under it.",
                    line: origin.line)
            }
            return nil
        }
        var route = WrittenRoute(name: name, origin: origin, servers: servers)
        route.options = options
        return route
    }

    /// One text, or a list of some.
    private mutating func servers(_ value: Node, of shown: String) -> [Written]? {
        guard case .sequence(let items) = value else { return scalar(value, of: "\(shown): servers").map { [$0] } }
        guard !items.isEmpty else {
            refuse(value, "\(shown) has an empty list of servers; write one, like - enet://127.0.0.1:7777.")
            return nil
        }
        let texts = items.map { scalar($0, of: "\(shown): servers") }
        return texts.contains(nil) ? nil : texts.compactMap { $0 }
    }

    /// A single text, as it is written.
    private mutating func scalar(_ node: Node, of name: String) -> Written? {
        guard case .scalar(let scalar) = node else {
            refuse(node, "\(name) has one value; write \(name.split(separator: " ").last ?? ""): VALUE.")
            return nil
        }
        guard !scalar.string.isEmpty || scalar.style == .singleQuoted || scalar.style == .doubleQuoted else {
            refuse(node, "\(name) has no value; write one, or leave the line out.")
            return nil
        }
        return Written(scalar.string, origin(of: node))
    }

    private func origin(of node: Node) -> Origin {
        .file(path, line: node.mark?.line ?? 1)
    }

    private mutating func refuse(_ node: Node, _ sentence: String) {
        refuse(node.mark?.line ?? 1, sentence)
    }

    private mutating func refuse(_ line: Int, _ sentence: String) {
        faults.add("\(AsWritten(path, limit: AsWritten.pathLimit)):\(line): \(sentence)", line: line)
    }

    // Our choice.
    /// Names that a sentence bears.
    private static let listedNames = 20

    private static func unknown(_ key: Node, _ kind: String, among names: [String]) -> String {
        guard let word = key.scalar?.string else { return "a name belongs here, not a list or a mapping." }
        let nearest = Spelling.nearest(to: word, among: names).map { "did you mean \($0)?" }
        let all =
            names.count > listedNames
            ? "torii config prints all there are." : "there are: \(names.joined(separator: ", "))."
        return "\(AsWritten(word)) is not \(kind); \(nearest ?? all)"
    }

    /// The line and what is wrong there, in the words of the YAML library where it has some.
    private static func explanation(of error: any Error) -> (line: Int, String) {
        guard let error = error as? YamlError else { return (1, "this cannot be read as YAML: \(error).") }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let why = [context?.text, problem].compactMap { $0 }.joined(separator: " ")
            return (mark.line, "this is not YAML: \(AsWritten(why)); mind indentation, quotes and brackets.")
        case .duplicatedKeysInMapping(let names, let context):
            return (context.mark.line, "\(AsWritten(names.first ?? "")) is given twice; give it once.")
        case .reader(let problem, let offset, _, let yaml):
            let line = yaml.utf8.prefix(offset ?? 0).count { $0 == UInt8(ascii: "\n") } + 1
            return (line, "this is not YAML: \(AsWritten(problem)); write it as UTF-8 without control characters.")
        default:
            return (1, "this cannot be read as YAML: \(AsWritten("\(error)")).")
        }
    }
}
