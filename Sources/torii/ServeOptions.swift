import ArgumentParser
import Configuration
import Glibc

/// Everything that can be set for `serve`, wherever it is written.
struct ServeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The file with the settings; flags and environment variables go before it. \
            (default: the environment variable TORII_CONFIG)
            """, valueName: "file"))
    var config: String?

    @OptionGroup var gateway: GatewayOptions

    @Option(
        help: .of(
            .routes,
            and: " Options: " + RouteOption.allCases.map { "\($0.form): \($0.sentence)" }.joined(separator: " ")))
    var route: [String] = []

    /// Where to read from; flags and environment are read now.
    func sources() throws(ConfigurationFaults) -> SettingsSources {
        SettingsSources(
            path: config ?? ProcessEnvironment.text("TORII_CONFIG"),
            environment: try WrittenSettings(environment: ProcessEnvironment.settings),
            flags: try WrittenSettings(flags: gateway.texts, routes: route))
    }
}

enum ProcessEnvironment {
    /// The variables that settings have.
    static var settings: [String: String] {
        let variables = Setting.allCases.compactMap { setting in
            text(setting.variable).map { (setting.variable, $0) }
        }
        return Dictionary(uniqueKeysWithValues: variables)
    }

    /// Nil for one that is not set, or empty.
    static func text(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
