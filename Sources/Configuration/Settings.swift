import DTLS
import Gateway
import Primitives
import TLS

/// What everything that was written comes to: defaults, the file, the environment and the flags, each over those before.
///
/// The files it names are read, but those of certificate authorities; names of hosts are not looked up.
public struct Settings: Sendable {
    public var http = HostPort(host: "0.0.0.0", port: 0)
    /// What https is answered with; nil for plain HTTP.
    public var tls: TLSContext?
    public var udp = HostPort(host: "0.0.0.0", port: 0)
    /// Nil for nowhere, like `metrics`.
    public var tcp: HostPort?
    public var metrics: HostPort?
    /// Nil for no admin page.
    public var admin: AdminSettings?
    public var advertised: [HostPort] = []
    public var advertisedTCP: [HostPort] = []
    public var relays = RelaySettings()
    public var maxSessions = 1
    public var maxJoinsPerAddress = 0
    public var maxSessionsPerAddress = 0
    public var maxJoining = 0
    public var maxJoinsPerSecond = 0
    public var rates = OverallRates()
    /// Nil for all.
    public var allowedOrigins: [String]?
    /// In seconds.
    public var consentTimeout = 20
    public var tokens = TokenSettings()
    /// Nil for none.
    public var admissionService: DecidingService?
    /// In seconds; `admissionService` has it too.
    var admissionTimeout = 0
    public var trustedProxies: [AddressBlock] = []
    /// Whether those announce their clients by the PROXY protocol.
    public var hasProxyProtocol = false
    public var node: NodeName?
    /// In seconds.
    public var drainTimeout = 0
    public var drainMinimum = 0
    /// In microseconds; of these two one is 0.
    public var busyPoll = 0
    public var coalesce = 0
    public var logLevel = LogLevel.info
    public var logFormat = LogLayout.text
    /// Lines in a second; 0 is no limit.
    public var logRate = 0
    public var routes: [ConfiguredRoute] = []
    /// What it was made of.
    public let written: WrittenSettings
}

extension Settings {
    /// Where a setting was written, as sentences begin.
    public func place(of setting: Setting) -> String {
        (written.texts(of: setting).first?.origin ?? .standard).place(of: setting)
    }

    /// A gateway without a route has nothing to do.
    ///
    /// - Parameter path: the file, where there is one.
    public func requireRoutes(in path: String?) throws(ConfigurationError) {
        guard routes.isEmpty else { return }
        guard let path else {
            throw ConfigurationError(
                "there is no --route; name a game server, like --route world=enet://127.0.0.1:7777.")
        }
        throw ConfigurationError(
            "\(AsWritten(path, limit: AsWritten.pathLimit)): there is no route; name a game server, like routes: {world: {server: enet://127.0.0.1:7777}}."
        )
    }

    /// What was written, in a few words.
    public var summary: String {
        let names = Setting.allCases.filter { written.values[$0] != nil }.map(\.rawValue)
        let routes = routes.map(\.definition.name).joined(separator: ", ")
        return "routes \(routes)" + (names.isEmpty ? "" : "; settings \(names.joined(separator: ", "))") + "."
    }
}

/// The STUN and TURN servers pages are told of.
public struct RelaySettings: Equatable, Sendable {
    public var urls: [ICEServerURL] = []
    /// Nil where no server needs a credential.
    public var secret: SharedSecret?
    /// Of a credential, in seconds.
    public var lifetime = 0
}

public enum LogLevel: String, CaseIterable, Sendable {
    case trace, debug, info, warning, error
}

public enum LogLayout: String, CaseIterable, Sendable {
    case text, json
}

/// A route, and where it was written.
public struct ConfiguredRoute: Sendable {
    public let definition: RouteDefinition
    public let written: WrittenRoute

    /// How the server's certificate is verified; nil for a scheme without one. Reads the file of authorities.
    public func verification() throws(ConfigurationError) -> (rule: ServerVerification, serverName: String)? {
        guard let rule = definition.certificate else { return nil }
        return (try rule.verification(place: written.place(of: .ca)), rule.serverName)
    }

    /// What the server of a document with servers is verified by, in PEM form; nil for the system's authorities. Reads the
    /// file.
    public func discoveryAuthorities() throws(ConfigurationError) -> [UInt8]? {
        guard let file = definition.discovery?.authorityFile else { return nil }
        return try AuthorityFile.readForTLS(
            file, place: "\(written.place(of: .discoveryCA)): discovery-ca \(AsWritten(file))")
    }
}
