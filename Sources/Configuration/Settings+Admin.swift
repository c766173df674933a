import Primitives

/// The page for those who operate the gateway.
public struct AdminSettings: Equatable, Sendable {
    public static let off = "off"

    /// Where it listens: always loopback.
    public let place: HostPort
    public let token: OperatorToken
}

// Where the admin page is, and for whom.
extension Settings {
    mutating func readAdmin(_ faults: inout FaultCollector) {
        guard let written = one(.admin) else { return }
        let file = one(.adminTokenFile)
        guard written.text != AdminSettings.off else { return refuseUnused(file, &faults) }
        let place = faults.collect(written.origin) { () throws(ConfigurationError) in try adminPlace(written) }
        guard let place else { return }
        let token = faults.collect(file?.origin ?? written.origin) { () throws(ConfigurationError) in
            try Self.token(in: file, for: written)
        }
        if let token { admin = AdminSettings(place: place, token: token) }
    }

    private func adminPlace(_ written: Written) throws(ConfigurationError) -> HostPort {
        let place = written.origin.place(of: .admin)
        let parsed: HostPort
        do throws(ConfigurationError) {
            parsed = try HostPort(parsing: written.text, origin: place)
        } catch {
            throw ConfigurationError(
                "\(place) \(AsWritten(written.text)): write HOST:PORT, like 127.0.0.1:9465, or \(AdminSettings.off).")
        }
        // A name is whatever the system makes of it, but for this one.
        let host = parsed.host.lowercased() == "localhost" ? "127.0.0.1" : parsed.host
        guard TransportAddress(literal: host, port: parsed.port)?.isLoopback == true else {
            throw ConfigurationError(
                "\(place) \(AsWritten(written.text)): the admin page is for this machine alone; listen on 127.0.0.1 or [::1], and reach it from elsewhere through an SSH tunnel or a reverse proxy on this machine."
            )
        }
        let found = HostPort(host: host, port: parsed.port)
        for (other, setting) in [(http, Setting.http), (tcp, .tcp), (metrics, .metrics)]
        where found.port != 0 && found == other {
            throw ConfigurationError(
                "\(place) \(found) is where \(written.origin.name(of: setting)) listens; give it another port.")
        }
        return found
    }

    private static func token(in file: Written?, for admin: Written) throws(ConfigurationError) -> OperatorToken {
        guard let file else {
            throw ConfigurationError(
                "\(admin.origin.place(of: .admin)) \(AsWritten(admin.text)): there is no token; make one with openssl rand -base64 32 > FILE, run chmod 600 on it and give \(admin.origin.name(of: .adminTokenFile))."
            )
        }
        return try OperatorToken(
            file: file.text, place: "\(file.origin.place(of: .adminTokenFile)) \(AsWritten(file.text))")
    }

    private func refuseUnused(_ file: Written?, _ faults: inout FaultCollector) {
        guard let file else { return }
        faults.add(
            "\(file.origin.place(of: .adminTokenFile)) \(AsWritten(file.text)): no \(file.origin.name(of: .admin)) uses it; give that, too, or leave both out.",
            line: file.origin.line)
    }
}
