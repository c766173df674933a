/// A `--metrics` as written: `HOST:PORT` or `off`.
public enum MetricsListening {
    public static let off = "off"

    /// Where to listen; nil for nowhere.
    ///
    /// - Parameters:
    ///   - http: where players' pages are answered, which is no place for metrics.
    ///   - tcp: where browsers connect without UDP, if anywhere.
    ///   - origin: where the text was written.
    public static func hostPort(
        parsing text: String, http: HostPort, tcp: HostPort?, origin: Origin = .flag
    ) throws(ConfigurationError) -> HostPort? {
        guard text != off else { return nil }
        let place = origin.place(of: .metrics)
        let parsed: HostPort
        do throws(ConfigurationError) {
            parsed = try HostPort(parsing: text, origin: place)
        } catch {
            throw ConfigurationError("\(place) \(AsWritten(text)): write HOST:PORT, like 127.0.0.1:9464, or \(off).")
        }
        for (other, setting) in [(http, Setting.http), (tcp, .tcp)] where parsed.port != 0 && parsed == other {
            throw ConfigurationError(
                "\(place) \(parsed) is where \(origin.name(of: setting)) listens; give it another port.")
        }
        return parsed
    }
}
