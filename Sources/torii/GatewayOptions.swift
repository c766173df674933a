import ArgumentParser
import Configuration

/// The flags that `serve`, `demo` and `config` share; what they mean is the table's to say (`Setting`).
struct GatewayOptions: ParsableArguments {
    @Option(help: .of(.http)) var http: String?
    @Option(help: .of(.httpCertificate)) var httpCertificate: String?
    @Option(help: .of(.httpKey)) var httpKey: String?
    @Option(help: .of(.udp)) var udp: String?
    @Option(help: .of(.advertise)) var advertise: [String] = []
    @Option(help: .of(.tcp)) var tcp: String?
    @Option(help: .of(.advertiseTCP)) var advertiseTcp: [String] = []
    @Option(help: .of(.turn)) var turn: [String] = []
    @Option(help: .of(.turnSecretFile)) var turnSecretFile: String?
    @Option(help: .of(.turnTTL)) var turnTtl: Int?
    @Option(help: .of(.maxSessions)) var maxSessions: Int?
    @Option(help: .of(.maxJoinsPerAddress)) var maxJoinsPerAddress: Int?
    @Option(help: .of(.maxSessionsPerAddress)) var maxSessionsPerAddress: Int?
    @Option(help: .of(.maxJoining)) var maxJoining: Int?
    @Option(help: .of(.maxJoinsPerSecond)) var maxJoinsPerSecond: Int?
    @Option(help: .of(.addressToServer)) var addressToServer: String?
    @Option(help: .of(.addressToBrowser)) var addressToBrowser: String?
    @Option(help: .of(.gatewayToServer)) var gatewayToServer: String?
    @Option(help: .of(.gatewayToBrowser)) var gatewayToBrowser: String?
    @Option(help: .of(.consentTimeout)) var consentTimeout: Int?
    @Option(help: .of(.allowedOrigin)) var allowedOrigin: [String] = []
    @Option(help: .of(.admissionURL)) var admissionUrl: String?
    @Option(help: .of(.admissionCA)) var admissionCa: String?
    @Option(help: .of(.admissionTimeout)) var admissionTimeout: Int?
    @Option(help: .of(.tokenKey)) var tokenKey: [String] = []
    @Option(help: .of(.tokenSecretFile)) var tokenSecretFile: String?
    @Option(help: .of(.tokenKeysURL)) var tokenKeysUrl: String?
    @Option(help: .of(.tokenKeysCA)) var tokenKeysCa: String?
    @Option(help: .of(.tokenKeysInterval)) var tokenKeysInterval: Int?
    @Option(help: .of(.tokenIssuer)) var tokenIssuer: String?
    @Option(help: .of(.tokenAudience)) var tokenAudience: [String] = []
    @Option(help: .of(.tokenLeeway)) var tokenLeeway: Int?
    @Option(help: .of(.trustedProxy)) var trustedProxy: [String] = []
    @Option(help: .of(.proxyProtocol)) var proxyProtocol: String?
    @Option(help: .of(.node)) var node: String?
    @Option(help: .of(.drainTimeout)) var drainTimeout: Int?
    @Option(help: .of(.drainMinimum)) var drainMinimum: Int?
    @Option(help: .of(.busyPoll)) var busyPoll: Int?
    @Option(help: .of(.coalesce)) var coalesce: Int?
    @Option(help: .of(.metrics)) var metrics: String?
    @Option(help: .of(.admin)) var admin: String?
    @Option(help: .of(.adminTokenFile)) var adminTokenFile: String?
    @Option(help: .of(.logLevel)) var logLevel: String?
    @Option(help: .of(.logFormat)) var logFormat: String?
    @Option(help: .of(.logRate)) var logRate: Int?

    /// What was written, by setting.
    var texts: [Setting: [String]] {
        let all = Setting.allCases.map { ($0, texts(of: $0)) }
        return Dictionary(uniqueKeysWithValues: all.filter { !$0.1.isEmpty })
    }

    private func texts(of setting: Setting) -> [String] {
        switch setting {
        case .http: one(http)
        case .httpCertificate: one(httpCertificate)
        case .httpKey: one(httpKey)
        case .udp: one(udp)
        case .advertise: advertise
        case .tcp: one(tcp)
        case .advertiseTCP: advertiseTcp
        case .turn: turn
        case .turnSecretFile: one(turnSecretFile)
        case .turnTTL: one(turnTtl)
        case .maxSessions: one(maxSessions)
        case .maxJoinsPerAddress: one(maxJoinsPerAddress)
        case .maxSessionsPerAddress: one(maxSessionsPerAddress)
        case .maxJoining: one(maxJoining)
        case .maxJoinsPerSecond: one(maxJoinsPerSecond)
        case .addressToServer: one(addressToServer)
        case .addressToBrowser: one(addressToBrowser)
        case .gatewayToServer: one(gatewayToServer)
        case .gatewayToBrowser: one(gatewayToBrowser)
        case .consentTimeout: one(consentTimeout)
        case .allowedOrigin: allowedOrigin
        case .admissionURL: one(admissionUrl)
        case .admissionCA: one(admissionCa)
        case .admissionTimeout: one(admissionTimeout)
        case .tokenKey: tokenKey
        case .tokenSecretFile: one(tokenSecretFile)
        case .tokenKeysURL: one(tokenKeysUrl)
        case .tokenKeysCA: one(tokenKeysCa)
        case .tokenKeysInterval: one(tokenKeysInterval)
        case .tokenIssuer: one(tokenIssuer)
        case .tokenAudience: tokenAudience
        case .tokenLeeway: one(tokenLeeway)
        case .trustedProxy: trustedProxy
        case .proxyProtocol: one(proxyProtocol)
        case .node: one(node)
        case .drainTimeout: one(drainTimeout)
        case .drainMinimum: one(drainMinimum)
        case .busyPoll: one(busyPoll)
        case .coalesce: one(coalesce)
        case .metrics: one(metrics)
        case .admin: one(admin)
        case .adminTokenFile: one(adminTokenFile)
        case .logLevel: one(logLevel)
        case .logFormat: one(logFormat)
        case .logRate: one(logRate)
        // These have no flag here: a secret none at all, routes that of `ServeOptions`.
        case .turnSecret, .routes: []
        }
    }

    private func one(_ value: (some CustomStringConvertible)?) -> [String] {
        value.map { [$0.description] } ?? []
    }
}

extension ArgumentHelp {
    static func of(_ setting: Setting, and more: String = "") -> ArgumentHelp {
        ArgumentHelp("\(setting.help)\(more)", valueName: setting.valueName)
    }
}
