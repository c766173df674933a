// Every setting's line of the table.
extension Setting {
    var row: Row {
        switch self {
        case .http:
            Row(.text("host:port"), "0.0.0.0:8080", .restart, "Where pages send their offers, over HTTP.")
        case .httpCertificate:
            Row(
                .text("file"), nil, otherwise: "none, and no TLS", .atOnce,
                "The file with the certificate for https, in PEM form, and those between it and an authority after it. It is read again when it changes."
            )
        case .httpKey:
            Row(
                .text("file"), nil, otherwise: "none", .atOnce,
                "The file with the key of http-certificate, in PEM form.")
        case .udp:
            Row(
                .text("host:port"), "0.0.0.0:8080", .restart,
                "Where browsers' WebRTC datagrams arrive; one UDP port serves all sessions. [::] takes IPv4 and IPv6.")
        case .advertise:
            Row(
                .list("host[:port]"), nil, otherwise: "this host's own addresses, loopback last", .newSessions,
                "An address put into answers, under which browsers reach the UDP port from outside, or a name, which is looked up again every minute."
            )
        case .tcp:
            Row(
                .text("host:port"), TCPListening.same, .restart,
                "Where browsers connect whose UDP is blocked; host:port, off, or same for the host and port number of udp, or the next number where http has that one."
            )
        case .advertiseTCP:
            Row(
                .list("host[:port]"), nil, otherwise: "the addresses of advertise, with the TCP port", .newSessions,
                "An address or name put into answers, under which browsers reach the TCP port from outside.")
        case .turn:
            Row(
                .list("url"), nil, otherwise: "none", .atOnce,
                "A TURN or STUN server pages are told of, like turn:turn.example.org:3478?transport=udp.")
        case .turnSecret:
            Row(
                .secret, nil, .atOnce,
                "The secret shared with the TURN servers, coturn's static-auth-secret; credentials for them are made from it. Turn-secret-file goes before it."
            )
        case .turnSecretFile:
            Row(
                .text("file"), nil, otherwise: "turn-secret, or the environment variable TORII_TURN_SECRET", .atOnce,
                "The file with the secret shared with the TURN servers, coturn's static-auth-secret; credentials for them are made from it."
            )
        case .turnTTL:
            Row(
                .number(60...604_800, unit: "seconds"), "43200", .atOnce,
                "How long a TURN credential can be used to begin a relay; longer than a player plays.")
        case .maxSessions:
            Row(
                .number(1...60_000, unit: "count"), "1000", .atOnce,
                "How many sessions may be live at once; further joins get 503.")
        case .maxJoinsPerAddress:
            Row(
                .number(0...60_000, unit: "count"), "64", .atOnce,
                "How many joins one address may have under way, and begin in five seconds; further ones get 429. 0 is no limit; this host itself has none. For players behind a reverse proxy see trusted-proxy."
            )
        case .maxSessionsPerAddress:
            Row(
                .number(0...60_000, unit: "count"), "0", .atOnce,
                "How many sessions one address may have at once; further joins get 429. 0 is no limit; this host itself has none."
            )
        case .maxJoining:
            Row(
                .number(0...60_000, unit: "count"), "0", .atOnce,
                "How many joins may be under way at once, from all addresses together; further ones get 503. 0 is no limit."
            )
        case .maxJoinsPerSecond:
            Row(
                .number(0...60_000, unit: "count"), "0", .atOnce,
                "How many joins may begin in a second, from all addresses together; further ones get 503. 0 is no limit."
            )
        case .addressToServer:
            Row(
                .text("messages,bytes"), nil, otherwise: "no limit", .atOnce,
                "The most the pages at one address may send together in a second, like 2000,1000000; either number may be left out. This host itself has no limit."
            )
        case .addressToBrowser:
            Row(
                .text("messages,bytes"), nil, otherwise: "no limit", .atOnce,
                "The most the pages at one address may get together in a second.")
        case .gatewayToServer:
            Row(
                .text("messages,bytes"), nil, otherwise: "no limit", .atOnce,
                "The most all pages may send together in a second.")
        case .gatewayToBrowser:
            Row(
                .text("messages,bytes"), nil, otherwise: "no limit", .atOnce,
                "The most all pages may get together in a second.")
        case .consentTimeout:
            Row(
                .number(10...120, unit: "seconds"), "20", .newSessions,
                "A browser that sends no connectivity check for this long has vanished, and its session ends.")
        case .allowedOrigin:
            Row(
                .list("origin"), nil, otherwise: "all", .atOnce,
                "A site whose pages may join, as browsers name it, like https://game.example; pages of others get 403.")
        case .admissionURL:
            Row(
                .text("url"), nil, otherwise: "none", .atOnce,
                "A service that is asked by POST for each join whether it may be, like https://game.example/admit, in the place of tokens' keys."
            )
        case .admissionCA:
            Row(
                .text("file"), nil, otherwise: "the system's", .atOnce,
                "The file with the certificate authorities, in PEM form, that the service of admission-url is verified by."
            )
        case .admissionTimeout:
            Row(
                .number(1...60, unit: "seconds"), "5", .atOnce,
                "How long the service of admission-url may take for an answer; then the join gets 503.")
        case .tokenKey:
            Row(
                .list("file"), nil, otherwise: "none", .atOnce,
                "A file with public keys that players' tokens (JWT) are signed with, in PEM form or as a JWK set. With one, nobody joins without a token."
            )
        case .tokenSecretFile:
            Row(
                .text("file"), nil, otherwise: "none", .atOnce,
                "The file with the secret that players' tokens are signed with by HS256. With one, nobody joins without a token."
            )
        case .tokenKeysURL:
            Row(
                .text("url"), nil, otherwise: "none", .atOnce,
                "Where a service publishes such keys as a JWK set, like https://id.example/.well-known/jwks.json. With one, nobody joins without a token."
            )
        case .tokenKeysCA:
            Row(
                .text("file"), nil, otherwise: "the system's", .atOnce,
                "The file with the certificate authorities, in PEM form, that the service of token-keys-url is verified by."
            )
        case .tokenKeysInterval:
            Row(
                .number(30...86_400, unit: "seconds"), "300", .atOnce,
                "After how long the keys of token-keys-url are asked for again.")
        case .tokenIssuer:
            Row(.text("name"), nil, otherwise: "any", .atOnce, "What iss must be in tokens.")
        case .tokenAudience:
            Row(
                .list("name"), nil, otherwise: "none; then no token may have aud", .atOnce,
                "What aud must name in tokens.")
        case .tokenLeeway:
            Row(
                .number(0...600, unit: "seconds"), "30", .atOnce,
                "How far the clocks of a token's issuer and the gateway may differ.")
        case .trustedProxy:
            Row(
                .list("address[/bits]"), nil, otherwise: "none", .restart,
                "A reverse proxy, or the network of some, that says in X-Forwarded-For or Forwarded who asks, like 10.0.0.5 or 10.0.0.0/8; joins are then counted for whom it names. It must set one of the two and remove the other."
            )
        case .proxyProtocol:
            Row(
                .text("on|off"), "off", .restart,
                "Whether connections of trusted-proxy to http begin with a header of the PROXY protocol, version 1 or 2, as with HAProxy's send-proxy. Others must have none."
            )
        case .node:
            Row(
                .text("name"), nil, otherwise: "none", .restart,
                "This gateway's name among others behind one load balancer: letters, digits and hyphens. The URLs of its sessions begin with /session/NAME. then."
            )
        case .drainTimeout:
            Row(
                .number(0...86_400, unit: "seconds"), "20", .restart,
                "After SIGTERM no new players are taken, and those who play go on for this long; 0 is not at all, as in the demo unless it is set. Let what stops the gateway wait ten seconds longer."
            )
        case .drainMinimum:
            Row(
                .number(0...60_000, unit: "count"), "0", .restart,
                "After SIGTERM, with no more sessions left than this, the others are not waited for.")
        case .busyPoll:
            Row(
                .number(0...10_000, unit: "microseconds"), "0", .restart,
                "For how many microseconds the gateway looks for datagrams before it sleeps. What comes meanwhile waits for no wake-up; where much comes that takes a whole processor. Not with coalesce."
            )
        case .coalesce:
            Row(
                .number(0...10_000, unit: "microseconds"), "0", .restart,
                "How many microseconds lie between one reading of datagrams and the next at least, where they are many. They wait for so long, and each takes less of the processor. Not with busy-poll."
            )
        case .metrics:
            Row(
                .text("host:port"), MetricsListening.off, .restart,
                "Where Prometheus finds /metrics, over HTTP: host:port, such as 127.0.0.1:9464, or off. Whoever reaches it can read it, so keep it from the players."
            )
        case .admin:
            Row(
                .text("host:port"), AdminSettings.off, .restart,
                "Where operators find the admin page, over HTTP: host:port of loopback, such as 127.0.0.1:9465, or off. Who has the token of admin-token-file can end sessions."
            )
        case .adminTokenFile:
            Row(
                .text("file"), nil, otherwise: "none", .atOnce,
                "The file with the token that the admin page asks for, such as openssl rand -base64 32 makes. Only its owner may read it."
            )
        case .logLevel:
            Row(.text("level"), "info", .atOnce, "What is logged: trace, debug, info, warning or error.")
        case .logFormat:
            Row(
                .text("format"), "text", .atOnce,
                "How a line of the log looks: text, for people, or json, an object for programs.")
        case .logRate:
            Row(
                .number(0...1_000_000, unit: "lines"), "200", .atOnce,
                "How many lines about sessions may be logged in a second; what is left out is counted in the log. 0 is no limit; what operators must see is never left out."
            )
        case .routes:
            Row(
                .routes, nil, .newSessions,
                "A game server players can join, under a name. The port is 7777 unless given; of a udp:// server it must be."
            )
        }
    }
}
