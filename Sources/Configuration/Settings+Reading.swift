import Gateway
import Primitives

// What each setting's value means, and which do not go together.
extension Settings {
    /// Reads all that was written.
    ///
    /// - Parameters:
    ///   - written: all places together, the strongest over the others.
    ///   - faults: what was found wrong already.
    /// - Throws: everything that cannot be used.
    init(reading written: WrittenSettings, faults: FaultCollector = FaultCollector()) throws(ConfigurationFaults) {
        self.written = written
        var faults = faults
        readListeners(&faults)
        readAdmin(&faults)
        readCertificate(&faults)
        readAdvertised(&faults)
        readRelays(&faults)
        readNumbers(&faults)
        checkRest(&faults)
        readRates(&faults)
        readOrigins(&faults)
        readTokens(&faults)
        readAdmission(&faults)
        readTrustedProxies(&faults)
        readProxyProtocol(&faults)
        readNode(&faults)
        readLog(&faults)
        readRoutes(&faults)
        try faults.throwAny()
    }

    private mutating func readListeners(_ faults: inout FaultCollector) {
        let http = hostPort(.http, &faults)
        let udp = hostPort(.udp, &faults)
        guard let http, let udp else { return }
        (self.http, self.udp) = (http, udp)
        guard let tcp = one(.tcp), let metrics = one(.metrics) else { return }
        let listening = faults.collect(tcp.origin) { () throws(ConfigurationError) in
            try TCPListening.hostPort(parsing: tcp.text, udp: udp, http: http, origin: tcp.origin)
        }
        guard let listening else { return }
        self.tcp = listening
        let scraped = faults.collect(metrics.origin) { () throws(ConfigurationError) in
            try MetricsListening.hostPort(parsing: metrics.text, http: http, tcp: listening, origin: metrics.origin)
        }
        if let scraped { self.metrics = scraped }
    }

    private mutating func readAdvertised(_ faults: inout FaultCollector) {
        for (setting, path) in [(.advertise, \.advertised), (.advertiseTCP, \.advertisedTCP)]
            as [(Setting, WritableKeyPath<Settings, [HostPort]>)]
        {
            let texts = written.texts(of: setting)
            let hosts = faults.collect(texts.first?.origin) { () throws(ConfigurationError) in
                try Advertised.hosts(parsing: texts, of: setting)
            }
            if let hosts { self[keyPath: path] = hosts }
        }
        guard let first = written.texts(of: .advertiseTCP).first, one(.tcp)?.text == TCPListening.off else { return }
        let off = first.origin.line == nil ? "\(first.origin.name(of: .tcp)) off" : "tcp: off"
        faults.add(
            "\(first.origin.place(of: .advertiseTCP)) has nothing to name with \(off); leave one of them out.",
            line: first.origin.line)
    }

    private mutating func readNumbers(_ faults: inout FaultCollector) {
        for (setting, path, cure) in [
            (.maxSessions, \.maxSessions, "use a number from 1 to 60000"),
            (.maxJoinsPerAddress, \.maxJoinsPerAddress, "use a number from 0, no limit, to 60000"),
            (.maxSessionsPerAddress, \.maxSessionsPerAddress, "use a number from 0, no limit, to 60000"),
            (.maxJoining, \.maxJoining, "use a number from 0, no limit, to 60000"),
            (.maxJoinsPerSecond, \.maxJoinsPerSecond, "use a number from 0, no limit, to 60000"),
            (
                .tokenKeysInterval, \.tokens.keysInterval, "use a number of seconds from 30 to 86400, which is a day"
            ),
            (
                .consentTimeout, \.consentTimeout,
                "use 10 to 120 seconds; browsers send checks every 2 to 6 seconds"
            ),
            (.drainTimeout, \.drainTimeout, "use a number of seconds from 0 to 86400, which is a day"),
            (.drainMinimum, \.drainMinimum, "use a number from 0 to 60000"),
            (.busyPoll, \.busyPoll, "use a number of microseconds from 0, not at all, to 10000"),
            (.coalesce, \.coalesce, "use a number of microseconds from 0, not at all, to 10000"),
            (.logRate, \.logRate, "use a number of lines from 0, no limit, to 1000000"),
            (.admissionTimeout, \.admissionTimeout, "use a number of seconds from 1 to 60"),
            (.tokenLeeway, \.tokens.leeway, "use a number of seconds from 0 to 600"),
            (.turnTTL, \.relays.lifetime, "use a number of seconds from 60 to 604800, which is a week"),
        ] as [(Setting, WritableKeyPath<Settings, Int>, String)] {
            guard let written = one(setting), case .number(let range, _) = setting.form else { continue }
            let isPlain = written.text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            if isPlain, let number = Int(written.text), range.contains(number) {
                self[keyPath: path] = number
            } else {
                faults.add(
                    "\(written.origin.place(of: setting)) \(AsWritten(written.text)): \(cure).",
                    line: written.origin.line)
            }
        }
    }

    private func checkRest(_ faults: inout FaultCollector) {
        guard busyPoll > 0, coalesce > 0, let written = one(.coalesce) else { return }
        faults.add(
            "\(written.origin.place(of: .coalesce)) \(AsWritten(written.text)): the gateway can wait for datagrams or look for them, not both; leave it out or \(place(of: .busyPoll)).",
            line: written.origin.line)
    }

    /// RFC 6454 §6.2: what browsers send is in small letters, without a path and without a port that the scheme implies.
    private mutating func readOrigins(_ faults: inout FaultCollector) {
        guard let texts = written.values[.allowedOrigin] else { return }
        var origins: [String] = []
        for written in texts {
            if written.text.wholeMatch(of: #/https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]+)?/#) != nil {
                origins.append(written.text)
            } else {
                faults.add(
                    "\(written.origin.place(of: .allowedOrigin)) \(AsWritten(written.text)): write it as browsers do, scheme and host in small letters and no path, like https://game.example.",
                    line: written.origin.line)
            }
        }
        allowedOrigins = origins
    }

    private mutating func readTrustedProxies(_ faults: inout FaultCollector) {
        for written in written.texts(of: .trustedProxy) {
            if let block = AddressBlock(written.text) {
                trustedProxies.append(block)
            } else {
                faults.add(
                    "\(written.origin.place(of: .trustedProxy)) \(AsWritten(written.text)): use an IP address or a network, like 10.0.0.5 or 10.0.0.0/8.",
                    line: written.origin.line)
            }
        }
    }

    private mutating func readProxyProtocol(_ faults: inout FaultCollector) {
        guard let written = one(.proxyProtocol) else { return }
        let place = "\(written.origin.place(of: .proxyProtocol)) \(AsWritten(written.text))"
        switch written.text {
        case "off": return
        case "on" where self.written.texts(of: .trustedProxy).isEmpty:
            faults.add(
                "\(place): there is no proxy that is trusted; name it with \(written.origin.name(of: .trustedProxy)).",
                line: written.origin.line)
        case "on": hasProxyProtocol = true
        default: faults.add("\(place): use on or off.", line: written.origin.line)
        }
    }

    private mutating func readNode(_ faults: inout FaultCollector) {
        guard let written = one(.node) else { return }
        if let name = NodeName(written.text) {
            node = name
        } else {
            faults.add(
                "\(written.origin.place(of: .node)) \(AsWritten(written.text)): use 1 to \(NodeName.longest) letters, digits and hyphens, as in a host's name.",
                line: written.origin.line)
        }
    }

    private mutating func readLog(_ faults: inout FaultCollector) {
        logLevel = choice(.logLevel, "trace, debug, info, warning or error", &faults) ?? logLevel
        logFormat = choice(.logFormat, "text or json", &faults) ?? logFormat
    }

    private func choice<Choice: RawRepresentable<String>>(
        _ setting: Setting, _ choices: String, _ faults: inout FaultCollector
    ) -> Choice? {
        guard let written = one(setting) else { return nil }
        let choice = Choice(rawValue: written.text)
        if choice == nil {
            faults.add(
                "\(written.origin.place(of: setting)) \(AsWritten(written.text)): use \(choices).",
                line: written.origin.line)
        }
        return choice
    }

    private mutating func readRoutes(_ faults: inout FaultCollector) {
        for route in written.routes {
            let definition = faults.collect(route.origin) { () throws(ConfigurationError) in
                try RouteDefinition(route)
            }
            if let definition { routes.append(ConfiguredRoute(definition: definition, written: route)) }
        }
    }

    private func hostPort(_ setting: Setting, _ faults: inout FaultCollector) -> HostPort? {
        guard let written = one(setting) else { return nil }
        return faults.collect(written.origin) { () throws(ConfigurationError) in
            try HostPort(parsing: written.text, origin: written.origin.place(of: setting))
        }
    }

    /// What holds for a setting with one value.
    func one(_ setting: Setting) -> Written? { written.texts(of: setting).first }
}
