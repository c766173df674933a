import ArgumentParser
import Configuration
import DataPlane
import Gateway
import Logging
import Primitives
import Signaling

/// The options that `serve` and `demo` share.
struct GatewayOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where pages send their offers, over HTTP.", valueName: "host:port"))
    var http = "0.0.0.0:8080"

    @Option(
        help: ArgumentHelp(
            "Where browsers' WebRTC datagrams arrive; one UDP port serves all sessions. [::] takes IPv4 and IPv6.",
            valueName: "host:port"))
    var udp = "0.0.0.0:8080"

    @Option(
        help: ArgumentHelp(
            """
            An address put into answers, under which browsers reach the UDP port from outside, or a name, which is \
            looked up again every minute; may be repeated. (default: this host's own addresses, loopback last)
            """, valueName: "host[:port]"))
    var advertise: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            Where browsers connect whose UDP is blocked; host:port, off, or same for the host and port number of --udp, \
            or the next number where --http has that one.
            """, valueName: "host:port"))
    var tcp = TCPListening.same

    @Option(
        help: ArgumentHelp(
            """
            An address or name put into answers, under which browsers reach the TCP port from outside; may be repeated. \
            (default: the addresses of --advertise, with the TCP port)
            """, valueName: "host[:port]"))
    var advertiseTcp: [String] = []

    @OptionGroup var relay: RelayOptions

    @OptionGroup var drain: DrainOptions

    @OptionGroup var proxy: ProxyOptions

    @Option(help: ArgumentHelp("How many sessions may be live at once; further joins get 503.", valueName: "count"))
    var maxSessions = 1000

    @Option(
        help: ArgumentHelp(
            """
            How many joins one address may have under way, and begin in five seconds; further ones get 429. \
            0 is no limit; this host itself has none. For players behind a reverse proxy see --trusted-proxy.
            """, valueName: "count"))
    var maxJoinsPerAddress = 64

    @Option(
        help: ArgumentHelp(
            "A browser that sends no connectivity check for this long has vanished, and its session ends.",
            valueName: "seconds"))
    var consentTimeout = 20

    @Option(
        help: ArgumentHelp(
            """
            Where Prometheus finds /metrics, over HTTP: host:port, such as 127.0.0.1:9464, or off. Whoever reaches it can \
            read it, so keep it from the players.
            """, valueName: "host:port"))
    var metrics = MetricsListening.off

    @Option(help: ArgumentHelp("What is logged: trace, debug, info, warning or error.", valueName: "level"))
    var logLevel = "info"

    /// Reads the options; the failure names the first that cannot be used.
    ///
    /// - Parameter drainTimeout: seconds, unless an option says.
    func settings(routes: [Route], drainTimeout: Int) throws -> GatewaySettings {
        let http = try HostPort(parsing: http, origin: "--http")
        let udp = try HostPort(parsing: udp, origin: "--udp")
        let tcp = try TCPListening.hostPort(parsing: tcp, udp: udp, http: http)
        guard tcp != nil || advertiseTcp.isEmpty else {
            throw Failure.usage("--advertise-tcp has nothing to name with --tcp off; leave one of them out.")
        }
        guard (1...60_000).contains(maxSessions) else {
            throw Failure.usage("--max-sessions \(maxSessions): use a number from 1 to 60000.")
        }
        guard (0...60_000).contains(maxJoinsPerAddress) else {
            throw Failure.usage(
                "--max-joins-per-address \(maxJoinsPerAddress): use a number from 0, no limit, to 60000.")
        }
        guard (10...120).contains(consentTimeout) else {
            throw Failure.usage(
                "--consent-timeout \(consentTimeout): use 10 to 120 seconds; browsers send checks every 2 to 6 seconds."
            )
        }
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw Failure.usage("--log-level \(AsWritten(logLevel)): use trace, debug, info, warning or error.")
        }
        var gateway = GatewayConfiguration(routes: routes, advertised: [])
        gateway.sessionLimit = maxSessions
        gateway.joinLimitPerSource = maxJoinsPerAddress
        gateway.consentTimeout = .seconds(UInt64(consentTimeout))
        return GatewaySettings(
            http: http, metrics: try MetricsListening.hostPort(parsing: metrics, http: http, tcp: tcp), logLevel: level,
            iceServers: try relay.servers(), departure: try drain.departure(unlessSaid: drainTimeout),
            node: try drain.nodeName(), proxies: try proxy.proxies(),
            dataPlane: DataPlaneSettings(
                udp: try HostLookup.address(host: udp.host, port: udp.port),
                tcp: try tcp.map { try HostLookup.address(host: $0.host, port: $0.port) },
                advertised: try addresses(advertise, origin: "--advertise"),
                advertisedTCP: try addresses(advertiseTcp, origin: "--advertise-tcp"), gateway: gateway))
    }

    private func addresses(_ texts: [String], origin: String) throws -> AdvertisedAddresses {
        let hosts = try Advertised.hosts(parsing: texts, origin: origin)
        return try AdvertisedAddresses(
            resolving: hosts.map { AdvertisedAddresses.Host(host: $0.host, port: $0.port) })
    }
}

/// What `GatewayOptions` come to.
struct GatewaySettings {
    let http: HostPort
    /// Nil for nowhere.
    let metrics: HostPort?
    let logLevel: Logger.Level
    let iceServers: ICEServers
    let departure: Departure
    let node: NodeName?
    let proxies: TrustedProxies
    var dataPlane: DataPlaneSettings
}
