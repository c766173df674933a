import DTLS
import Gateway

// Another configuration for the running gateway.
extension DataPlane {
    /// Takes other settings into use, as a whole or not at all; sessions go on. Where the ports are cannot change: the
    /// settings' `udp` and `tcp` are not looked at. One reload at a time.
    ///
    /// - Returns: what answers name from now on.
    /// - Throws: when OpenSSL cannot verify a route's server as it should.
    public func reload(_ settings: DataPlaneSettings) async throws(DTLSSetupError) -> AdvertisedPorts {
        let advertisement = Advertisement(
            udp: settings.advertised, tcp: settings.advertisedTCP, boundUDP: udp, boundTCP: tcp)
        var configuration = settings.gateway
        configuration.advertised = advertisement.ports.udp
        configuration.advertisedTCP = advertisement.ports.tcp
        let number = reloads.withLock { count in
            count += 1
            return count
        }
        let routes = try await ask { .reload(configuration, number, $0) }.get()
        refresher.replace(with: Self.names(advertisement, routes, settings, reload: number))
        return advertisement.ports
    }

    /// What is to be looked up again and again.
    ///
    /// - Parameter routes: with their servers where they are now.
    static func names(
        _ advertisement: Advertisement, _ routes: some Collection<Route>, _ settings: DataPlaneSettings,
        reload: Int = 0
    ) -> RefreshProgress {
        RefreshProgress(
            advertisement, servers: ServerNames(routes, targets: settings.servers),
            paths: Dictionary(routes.map { ($0.name, $0.path) }) { first, _ in first }, reload: reload)
    }
}
