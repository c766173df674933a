/// One thing that can be set: the one table of names, forms, defaults and meanings, from which the flags, the environment
/// variables, the file's keys, `torii config` and Deploy/configuration.md come. A raw value is the name everywhere: `--NAME`, `NAME:` in the
/// file, `TORII_NAME` in the environment.
///
/// A new one is a case here and a row in `Setting+Rows.swift`; the compiler then asks for its flag (`GatewayOptions`) and a
/// test for its line of documentation. What its value means is read in `Settings+Reading.swift`.
public enum Setting: String, CaseIterable, Sendable {
    case http
    case httpCertificate = "http-certificate"
    case httpKey = "http-key"
    case udp
    case advertise
    case tcp
    case advertiseTCP = "advertise-tcp"
    case turn
    case turnSecret = "turn-secret"
    case turnSecretFile = "turn-secret-file"
    case turnTTL = "turn-ttl"
    case maxSessions = "max-sessions"
    case maxJoinsPerAddress = "max-joins-per-address"
    case maxSessionsPerAddress = "max-sessions-per-address"
    case maxJoining = "max-joining"
    case maxJoinsPerSecond = "max-joins-per-second"
    case addressToServer = "address-to-server"
    case addressToBrowser = "address-to-browser"
    case gatewayToServer = "gateway-to-server"
    case gatewayToBrowser = "gateway-to-browser"
    case consentTimeout = "consent-timeout"
    case allowedOrigin = "allowed-origin"
    case admissionURL = "admission-url"
    case admissionCA = "admission-ca"
    case admissionTimeout = "admission-timeout"
    case tokenKey = "token-key"
    case tokenSecretFile = "token-secret-file"
    case tokenKeysURL = "token-keys-url"
    case tokenKeysCA = "token-keys-ca"
    case tokenKeysInterval = "token-keys-interval"
    case tokenIssuer = "token-issuer"
    case tokenAudience = "token-audience"
    case tokenLeeway = "token-leeway"
    case trustedProxy = "trusted-proxy"
    case proxyProtocol = "proxy-protocol"
    case node
    case drainTimeout = "drain-timeout"
    case drainMinimum = "drain-minimum"
    case busyPoll = "busy-poll"
    case coalesce
    case metrics
    case admin
    case adminTokenFile = "admin-token-file"
    case logLevel = "log-level"
    case logFormat = "log-format"
    case logRate = "log-rate"
    case routes

    /// What may be written for it.
    public enum Form: Equatable, Sendable {
        /// One text; with what stands for it in help, such as `host:port`.
        case text(String)
        case number(ClosedRange<Int>, unit: String)
        /// Several texts: a list in the file, a flag that is repeated, commas between them in the environment.
        case list(String)
        /// A text that nobody is to see. It has no flag, as everyone on a host sees the arguments of its programs.
        case secret
        /// A mapping in the file, `--route` as a flag, and spaces between them in the environment.
        case routes
    }

    /// When a new value of a running gateway holds.
    public enum Change: String, Sendable {
        /// With a reload.
        case atOnce = "at once"
        /// With a reload, for sessions that begin after it.
        case newSessions = "for new sessions"
        /// A reload that changes it is refused.
        case restart = "with a restart"
    }

    /// A line of the table.
    struct Row {
        let form: Form
        /// As it would be written; nil where there is none.
        let standard: String?
        /// What help says in the default's place where there is none to be written.
        let otherwise: String?
        let change: Change
        let sentence: String

        init(_ form: Form, _ standard: String?, otherwise: String? = nil, _ change: Change, _ sentence: String) {
            self.form = form
            self.standard = standard
            self.otherwise = otherwise
            self.change = change
            self.sentence = sentence
        }
    }

    public var form: Form { row.form }
    public var standard: String? { row.standard }
    public var change: Change { row.change }
    /// What it is, without its default.
    public var sentence: String { row.sentence }

    /// What it is, as help says it; the default too, for the argument parser knows none.
    public var help: String {
        switch form {
        case .list, .routes: "\(sentence.dropLast()); may be repeated.\(ending)"
        case .text, .number, .secret: "\(sentence)\(ending)"
        }
    }

    /// `--NAME`; nil for what has no flag.
    public var flag: String? {
        switch form {
        case .secret: nil
        case .routes: "--route"
        case .text, .number, .list: "--\(rawValue)"
        }
    }

    /// The environment variable.
    public var variable: String {
        "TORII_" + rawValue.uppercased().replacing("-", with: "_")
    }

    /// What stands for the value in help.
    public var valueName: String {
        switch form {
        case .text(let name), .list(let name): name
        case .number(_, let unit): unit
        case .secret: "secret"
        case .routes: "name=scheme://host:port[?options]"
        }
    }

    private var ending: String {
        (standard ?? row.otherwise).map { " (default: \($0))" } ?? ""
    }
}
