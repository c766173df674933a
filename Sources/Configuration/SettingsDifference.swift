/// What another reading of the settings changed.
public struct SettingsDifference: Equatable, Sendable {
    /// In the table's order; routes are not among them.
    public let settings: [Setting]
    /// Those that name the same files as before, whose contents are others.
    public let contents: [Setting]

    public init(from old: Settings, to new: Settings) {
        let rewritten = Setting.allCases.filter { setting in
            switch setting.form {
            case .routes, .secret: false
            case .text, .number, .list:
                old.written.texts(of: setting).map(\.text) != new.written.texts(of: setting).map(\.text)
            }
        }
        let isSecretWritten = new.written.texts(of: .turnSecretFile).isEmpty && !rewritten.contains(.turnSecretFile)
        let isSecretChanged = isSecretWritten && old.relays.secret != new.relays.secret
        settings = Setting.allCases.filter { rewritten.contains($0) || ($0 == .turnSecret && isSecretChanged) }
        contents = Setting.allCases.filter { setting in
            !rewritten.contains(setting) && !new.written.texts(of: setting).isEmpty
                && !Self.holdTheSame(setting, old, new)
        }
    }

    /// Those a running gateway cannot change.
    public var waitingForRestart: [Setting] { settings.filter { $0.change == .restart } }

    /// Whether what was read of the file that a setting names is the same; true for a setting that names none.
    private static func holdTheSame(_ setting: Setting, _ old: Settings, _ new: Settings) -> Bool {
        switch setting {
        case .httpCertificate: old.tls?.certificate == new.tls?.certificate
        case .turnSecretFile: old.relays.secret == new.relays.secret
        case .tokenKey: old.tokens.keys.filter { !$0.isSecret } == new.tokens.keys.filter { !$0.isSecret }
        case .tokenSecretFile: old.tokens.keys.filter(\.isSecret) == new.tokens.keys.filter(\.isSecret)
        case .tokenKeysCA: old.tokens.published?.authorities == new.tokens.published?.authorities
        case .admissionCA: old.admissionService?.authorities == new.admissionService?.authorities
        case .adminTokenFile: old.admin?.token == new.admin?.token
        default: true
        }
    }
}
