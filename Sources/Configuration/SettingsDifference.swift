/// What another reading of the settings changed.
public struct SettingsDifference: Equatable, Sendable {
    /// In the table's order; routes are not among them.
    public let settings: [Setting]

    public init(from old: Settings, to new: Settings) {
        settings = Setting.allCases.filter { setting in
            switch setting.form {
            case .routes: false
            case .secret: old.relays.secret != new.relays.secret
            case .text, .number, .list:
                old.written.texts(of: setting).map(\.text) != new.written.texts(of: setting).map(\.text)
            }
        }
    }

    /// Those a running gateway cannot change.
    public var waitingForRestart: [Setting] { settings.filter { $0.change == .restart } }
}
