import Gateway
import Testing

@testable import Configuration

/// Several servers in a route, or how they are found, as people write it.
@Suite struct PoolDefinitionTests {
    private func sentence(_ text: String) -> String? {
        do throws(ConfigurationError) {
            _ = try RouteDefinition(parsing: text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func serversAreListed() throws {
        let route = try RouteDefinition(
            parsing: "w=enet://10.0.0.1:7777;name=eu;weight=2,game,enet://[fd00::1]:9 capacity=50?balance=weighted")
        #expect(route.scheme == .enet)
        #expect(route.servers.map(\.place.description) == ["10.0.0.1:7777", "game:7777", "[fd00::1]:9"])
        #expect(route.servers.map(\.properties.name) == ["eu", nil, nil])
        #expect(route.servers.map(\.properties.weight) == [2, nil, nil])
        #expect(route.servers.map(\.properties.capacity) == [nil, nil, 50])
        #expect(route.pool.balance == .weighted)
    }

    /// What is for several servers is not assumed for one.
    @Test func theDefaults() throws {
        let one = try RouteDefinition(parsing: "w=enet://game").pool
        #expect(one == PoolRules())
        let two = try RouteDefinition(parsing: "w=enet://a,b").pool
        #expect(two.balance == .leastSessions && two.choice == .none && two.capacity == nil)
        #expect(two.ejectAfter == 3 && two.slowStart == 10_000)
        let set = try RouteDefinition(
            parsing: "w=enet://a?eject-after=2&slow-start=0&capacity=7&choose=eu,us&balance=hash&probe=5")
        #expect(set.pool.ejectAfter == 2 && set.pool.slowStart == 0 && set.pool.capacity == 7)
        #expect(
            set.pool.choice == .these(["eu", "us"]) && set.pool.balance == .hash && set.pool.probeInterval == 5_000)
        #expect(try RouteDefinition(parsing: "w=enet://a?choose=any&probe=0").pool.choice == .any)
        #expect(try RouteDefinition(parsing: "w=enets://a?probe=5").pool.probeInterval == 5_000)
    }

    @Test func serversAreDiscovered() throws {
        func discovery(_ text: String) throws -> DiscoveryDefinition? { try RouteDefinition(parsing: text).discovery }
        #expect(try discovery("w=enet+file:///etc/torii/servers")?.source == .file("/etc/torii/servers"))
        #expect(try discovery("w=enet+dns://game")?.source == .name(HostPort(host: "game", port: 7777)))
        #expect(try discovery("w=udp+dns://game:9")?.source == .name(HostPort(host: "game", port: 9)))
        let srv = try discovery(
            "w=enet+srv://_game._udp.example.org?resolver=127.0.0.53&discovery-interval=5&discovery-timeout=2")
        #expect(srv?.source == .service("_game._udp.example.org"))
        #expect(srv?.interval == 5 && srv?.timeout == 2 && srv?.resolver == HostPort(host: "127.0.0.53", port: 53))
        let http = HostPort(host: "uro", port: 80)
        #expect(try discovery("w=enet+http://uro/shards")?.source == .http(http, path: "/shards"))
        #expect(try discovery("w=enet+http://uro")?.source == .http(http, path: "/"))
        let https = try discovery("w=enet+https://uro/shards?discovery-ca=ca.pem")
        #expect(https?.source == .http(HostPort(host: "uro", port: 443), path: "/shards", isSecure: true))
        #expect(https?.authorityFile == "ca.pem")
        let command = try discovery("w=enet+command:///bin/list a  b")
        #expect(command?.source == .command(["/bin/list", "a", "b"]))
        #expect(command?.interval == 30 && command?.timeout == 5 && command?.resolver == nil)
        let route = try RouteDefinition(parsing: "w=enet+file:///servers")
        #expect(route.servers.isEmpty && route.pool.source == "enet+file:///servers" && route.pool.ejectAfter == 3)
    }

    @Test(arguments: [
        ("w=enet://a,udp://b:1", "--route w: the servers of a route have one scheme; make two routes of them."),
        ("w=enet://a,", "--route w \"\": the host is missing or malformed; write HOST:PORT."),
        ("w=enet://a;weight=0", "--route w \"a;weight=0\": weight must be a number from 1 to 1000."),
        ("w=enet://a;name=x;name=y", "--route w \"a;name=x;name=y\": name, weight and capacity are given once each."),
        (
            "w=enet://a;color=red",
            "--route w \"a;color=red\": after the server may come name=NAME, weight=NUMBER and capacity=NUMBER, with spaces between."
        ),
        (
            "w=enet+ftp://a",
            "--route w: servers are discovered with one of enet+file://, enet+dns://, enet+srv://, enet+http://, enet+https://, enet+command://."
        ),
        (
            "w=enet+srv://game",
            "--route w: after +srv:// comes the name of SRV records, like +srv://_game._udp.example.org."
        ),
        (
            "w=enet+file://servers",
            "--route w: after +file:// comes the file's whole path, like +file:///etc/torii/servers."
        ),
        (
            "w=enet://a?resolver=1.1.1.1",
            "--route w: resolver is for servers that are discovered, as with enet+dns://; leave it out."
        ),
        ("w=enet+http://a/?resolver=1.1.1.1", "--route w: resolver is for +dns:// and +srv:// only; leave it out."),
        ("w=enet+dns://a?resolver=name", "--route w: resolver must be an address, like resolver=127.0.0.53."),
        (
            "w=udp://a:1?probe=5",
            "--route w: udp:// servers cannot be probed, as nobody knows what they answer a stranger; leave probe out."
        ),
        ("w=enet+http://a/?discovery-ca=x", "--route w: discovery-ca is for +https:// only; leave it out."),
        (
            "w=enet+https://a/?discovery-ca=",
            "--route w: discovery-ca names no file; write it like discovery-ca=authority.pem."
        ),
        (
            "w=enet://a?choose=a/b",
            "--route w: choose must be any, or the names of the servers a page may ask for, like choose=eu,us."
        ),
        (
            "w=enets://a,b",
            "--route w: the servers have several names, or none, so no certificate can be for them; write server-name=game.example.org, or use pin."
        ),
    ])
    func whatCannotBeUsedIsSaid(text: String, expected: String) {
        let said = sentence(text)
        #expect(said == expected || said == expected.replacing("\"", with: ""))
    }

    @Test func aCertificateIsForAllOfThem() throws {
        let rule = try RouteDefinition(parsing: "w=enets://a:1,a:2").certificate
        #expect(rule?.serverName == "a")
        #expect(try RouteDefinition(parsing: "w=enets+dns://game").certificate?.serverName == "game")
        #expect(try RouteDefinition(parsing: "w=enets://a,b?server-name=c").certificate?.serverName == "c")
        #expect(sentence("w=enets://a,b?verify=none") == nil)
    }

    @Test func aFileHasAList() throws {
        let file = ConfigurationFile(
            parsing: """
                routes:
                  world:
                    servers:
                      - enet://10.0.0.1:7777 name=eu weight=2
                      - 10.0.0.2:7777
                    balance: round-robin
                """, path: "torii.yaml")
        try file.faults.throwAny()
        let settings = try Settings(reading: file.settings)
        let route = try #require(settings.routes.first?.definition)
        #expect(route.servers.map(\.place.description) == ["10.0.0.1:7777", "10.0.0.2:7777"])
        #expect(route.servers.first?.properties.weight == 2 && route.pool.balance == .roundRobin)
        let listing = SettingsListing(settings).description
        let again = ConfigurationFile(parsing: listing, path: "again.yaml")
        try again.faults.throwAny()
        #expect(try Settings(reading: again.settings).routes.first?.definition == route)
    }

    @Test(arguments: [
        ("servers: []", "3: route a has an empty list of servers; write one, like - enet://127.0.0.1:7777."),
        ("servers: [enet://b:1, 'c:0']", "3: route a: a server's port cannot be 0; write the one it listens on."),
        ("servers: [enet://b]\n    server: enet://c", "4: route a has server or servers; leave one of them out."),
        ("servers: [enet://b, [c]]", "3: route a: servers has one value; write servers: VALUE."),
        (
            "servers: [enet://b, enet+dns://c]",
            "3: route a: servers that are discovered stand alone; take out the others."
        ),
    ])
    func whatCannotBeUsedInAFileIsSaidWithItsLine(text: String, expected: String) {
        let file = ConfigurationFile(parsing: "routes:\n  a:\n    \(text)\n", path: "t.yaml")
        do throws(ConfigurationFaults) {
            _ = try Settings(reading: file.settings, faults: file.faults)
            #expect(Bool(false), "\(text)")
        } catch {
            #expect(error.sentences == ["t.yaml:\(expected)"])
        }
    }
}
