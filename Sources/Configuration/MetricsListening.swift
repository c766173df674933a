/// A `--metrics` as written: `HOST:PORT` or `off`.
public enum MetricsListening {
    public static let off = "off"

    /// Where to listen; nil for nowhere.
    ///
    /// - Parameters:
    ///   - http: where players' pages are answered, which is no place for metrics.
    ///   - tcp: where browsers connect without UDP, if anywhere.
    public static func hostPort(
        parsing text: String, http: HostPort, tcp: HostPort?
    ) throws(ConfigurationError) -> HostPort? {
        guard text != off else { return nil }
        let parsed: HostPort
        do throws(ConfigurationError) {
            parsed = try HostPort(parsing: text, origin: "--metrics")
        } catch {
            throw ConfigurationError("--metrics \(AsWritten(text)): write HOST:PORT, like 127.0.0.1:9464, or \(off).")
        }
        for (other, option) in [(http, "--http"), (tcp, "--tcp")] where parsed.port != 0 && parsed == other {
            throw ConfigurationError("--metrics \(parsed) is where \(option) listens; give it another port.")
        }
        return parsed
    }
}
