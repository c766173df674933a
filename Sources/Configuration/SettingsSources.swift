/// Every place that settings of one command are written in, to be read as often as they may have changed.
public struct SettingsSources: Sendable {
    /// The file; nil for none.
    public let path: String?
    private let environment: WrittenSettings
    private let flags: WrittenSettings

    public init(path: String?, environment: WrittenSettings, flags: WrittenSettings) {
        self.path = path
        self.environment = environment
        self.flags = flags
    }

    /// Reads the file, and what all places come to.
    ///
    /// - Throws: everything that cannot be used, by the file's lines.
    public func read() throws(ConfigurationFaults) -> Settings {
        var written = WrittenSettings()
        var faults = FaultCollector()
        if let path {
            let file = ConfigurationFile(path: path)
            (written, faults) = (file.settings, file.faults)
        }
        return try Settings(
            reading: written.overridden(by: environment).overridden(by: flags), faults: faults)
    }
}
