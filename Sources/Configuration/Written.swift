/// Where something was written.
public enum Origin: Hashable, Sendable {
    /// Nowhere: it is the default.
    case standard
    case file(String, line: Int)
    case environment
    case flag

    /// The setting's name as it is written there, with the file's line: how a sentence about its value begins.
    public func place(of setting: Setting) -> String {
        switch self {
        case .file(let path, let line): "\(AsWritten(path, limit: AsWritten.pathLimit)):\(line): \(setting.rawValue)"
        case .standard, .environment, .flag: name(of: setting)
        }
    }

    /// The same for a route.
    func place(ofRoute name: some StringProtocol) -> String {
        switch self {
        case .file(let path, let line):
            "\(AsWritten(path, limit: AsWritten.pathLimit)):\(line): route \(AsWritten(name))"
        case .environment: "\(Setting.routes.variable) \(AsWritten(name))"
        case .flag, .standard: "--route \(AsWritten(name))"
        }
    }

    /// How another setting would be written in the same place.
    func name(of setting: Setting) -> String {
        switch self {
        case .standard, .file: setting.rawValue
        case .environment: setting.variable
        case .flag: setting.flag ?? setting.variable
        }
    }

    var line: Int? {
        if case .file(_, let line) = self { line } else { nil }
    }
}

/// What somebody wrote, and where.
public struct Written: Hashable, Sendable {
    public let text: String
    public let origin: Origin

    public init(_ text: String, _ origin: Origin) {
        self.text = text
        self.origin = origin
    }
}

/// What one place says: the file, the environment or the flags. Values are not looked at yet.
public struct WrittenSettings: Sendable {
    /// A list has as many as were written, anything else one. A list that was written empty is there, and empty.
    public var values: [Setting: [Written]] = [:]
    /// In the order they were written, each name once.
    public private(set) var routes: [WrittenRoute] = []

    public init() {}

    /// What the flags say.
    public init(flags: [Setting: [String]], routes: [String]) throws(ConfigurationFaults) {
        var faults = FaultCollector()
        values = flags.mapValues { $0.map { Written($0, .flag) } }
        for route in routes { faults.collect { () throws(ConfigurationError) in try add(route, .flag) } }
        try faults.throwAny()
    }

    /// What the environment says; variables of other names are somebody else's, and an empty one says nothing.
    ///
    /// - Parameter routes: whether there may be any.
    public init(environment: [String: String], routes hasRoutes: Bool = true) throws(ConfigurationFaults) {
        var faults = FaultCollector()
        for setting in Setting.allCases {
            guard let text = environment[setting.variable], !text.isEmpty else { continue }
            switch setting.form {
            case .text, .number, .secret: values[setting] = [Written(text, .environment)]
            case .list:
                values[setting] = text.split(separator: ",").map {
                    Written(String($0.drop { $0 == " " }), .environment)
                }
            case .routes where hasRoutes:
                for route in text.split(whereSeparator: \.isWhitespace) {
                    faults.collect { () throws(ConfigurationError) in try add(String(route), .environment) }
                }
            case .routes: break
            }
        }
        try faults.throwAny()
    }

    private mutating func add(_ text: String, _ origin: Origin) throws(ConfigurationError) {
        try add(try WrittenRoute(parsing: text, origin))
    }

    /// Adds a route that was written in the same place as the others.
    mutating func add(_ route: WrittenRoute) throws(ConfigurationError) {
        guard !routes.contains(where: { $0.name == route.name }) else {
            throw ConfigurationError("\(route.place) is given twice; give each route a name of its own.")
        }
        routes.append(route)
    }

    /// The same with what a stronger place says: its values replace these, as wholes; its routes replace those of the
    /// same name and come beside the others.
    public func overridden(by stronger: WrittenSettings) -> WrittenSettings {
        var result = self
        result.values.merge(stronger.values) { $1 }
        let names = Set(stronger.routes.map(\.name))
        result.routes = routes.filter { !names.contains($0.name) } + stronger.routes
        return result
    }

    /// What holds for a setting, the default included.
    func texts(of setting: Setting) -> [Written] {
        values[setting] ?? setting.standard.map { [Written($0, .standard)] } ?? []
    }
}
