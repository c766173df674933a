/// A `--tcp` as written: `HOST:PORT`, `same` or `off`.
public enum TCPListening {
    /// Beside UDP, under the same host and port number.
    public static let same = "same"
    public static let off = "off"

    /// Where to listen; nil for nowhere.
    ///
    /// - Parameters:
    ///   - udp: what `same` means, but that where `http` has that port number it is the next one: both are TCP.
    ///   - http: what no other listener may have.
    ///   - origin: where the text was written.
    public static func hostPort(
        parsing text: String, udp: HostPort, http: HostPort, origin: Origin = .flag
    ) throws(ConfigurationError) -> HostPort? {
        switch text {
        case off: return nil
        case same:
            let isTaken = udp.port != 0 && udp.port == http.port
            return HostPort(host: udp.host, port: isTaken ? next(udp.port) : udp.port)
        default:
            let place = origin.place(of: .tcp)
            let parsed: HostPort
            do throws(ConfigurationError) {
                parsed = try HostPort(parsing: text, origin: place)
            } catch {
                throw ConfigurationError("\(place) \(AsWritten(text)): write HOST:PORT, \(same) or \(off).")
            }
            guard parsed.port == 0 || parsed != http else {
                throw ConfigurationError(
                    "\(place) \(parsed) is where \(origin.name(of: .http)) listens; give one of them another port.")
            }
            return parsed
        }
    }

    private static func next(_ port: UInt16) -> UInt16 {
        port == .max ? port - 1 : port + 1
    }
}
