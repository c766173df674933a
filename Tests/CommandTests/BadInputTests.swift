import Foundation
import Glibc
import Testing

/// Whatever cannot be used is said in one sentence, with the exit status of sysexits.h that scripts can tell apart.
@Suite(.timeLimit(.minutes(2))) struct BadInputTests {
    /// A command line in which only what a test adds is wrong.
    private static let serve = [
        "serve", "--route", "world=enet://127.0.0.1:7777", "--http", "127.0.0.1:0", "--udp", "127.0.0.1:0",
    ]

    @Test(arguments: [
        ("there is no --route", ["serve"]),
        ("--route world:", ["serve", "--route", "world"]),
        ("--route world is given twice", serve + ["--route", "world=enet://127.0.0.1"]),
        ("--route a: ", serve + ["--route", "a=enet://127.0.0.1?x=1"]),
        (#"--route a\nb=enet://c: the name"#, serve + ["--route", "a\nb=enet://c"]),
        ("--http 8080: the port is missing", serve + ["--http", "8080"]),
        ("--http : the host is missing", serve + ["--http", ""]),
        (#"--http \u{1B}[31m:1: the host"#, serve + ["--http", "\u{1B}[31m:1"]),
        ("--udp 127.0.0.1:65536:", serve + ["--udp", "127.0.0.1:65536"]),
        ("--udp ::1: write an IPv6 address in brackets", serve + ["--udp", "::1"]),
        ("--route w: ca=/x/ca.pem cannot be read", serve + ["--route", "w=enets://127.0.0.1?ca=/x/ca.pem"]),
        ("--route w: pin must be sha256:", serve + ["--route", "w=enets://127.0.0.1?pin=sha256:AB"]),
        ("--advertise 1.2.3:", serve + ["--advertise", "1.2.3"]),
        ("--advertise 0.0.0.0 ", serve + ["--advertise", "0.0.0.0"]),
        ("--advertise 192.0.2.1 is given twice", serve + ["--advertise", "192.0.2.1", "--advertise", "192.0.2.1"]),
        ("--tcp 8081: write HOST:PORT, same or off", serve + ["--tcp", "8081"]),
        (
            "--tcp 127.0.0.1:8090 is where --http listens",
            serve + ["--tcp", "127.0.0.1:8090", "--http", "127.0.0.1:8090"]
        ),
        ("--advertise-tcp 0.0.0.0 ", serve + ["--advertise-tcp", "0.0.0.0"]),
        (
            "--advertise-tcp 192.0.2.1 is given twice",
            serve + ["--advertise-tcp", "192.0.2.1", "--advertise-tcp", "192.0.2.1"]
        ),
        ("--advertise-tcp has nothing to name", serve + ["--tcp", "off", "--advertise-tcp", "192.0.2.1"]),
        ("--metrics 9464: write HOST:PORT", serve + ["--metrics", "9464"]),
        (
            "--metrics 127.0.0.1:8090 is where --http listens",
            serve + ["--metrics", "127.0.0.1:8090", "--http", "127.0.0.1:8090"]
        ),
        ("--admin 9465: write HOST:PORT", serve + ["--admin", "9465"]),
        ("--admin 0.0.0.0:9465: the admin page is for this machine alone", serve + ["--admin", "0.0.0.0:9465"]),
        ("--admin host.example:9465: the admin page is for", serve + ["--admin", "host.example:9465"]),
        (
            "--admin 127.0.0.1:8090 is where --http listens",
            serve + ["--admin", "127.0.0.1:8090", "--http", "127.0.0.1:8090"]
        ),
        ("--admin 127.0.0.1:0: there is no token; make one with openssl rand", serve + ["--admin", "127.0.0.1:0"]),
        (
            "--admin-token-file /x cannot be read",
            serve + ["--admin", "127.0.0.1:0", "--admin-token-file", "/x"]
        ),
        ("--admin-token-file /x: no --admin uses it", serve + ["--admin-token-file", "/x"]),
        ("--max-sessions 0:", serve + ["--max-sessions", "0"]),
        ("--max-sessions 60001:", serve + ["--max-sessions", "60001"]),
        ("--max-joins-per-address 60001:", serve + ["--max-joins-per-address", "60001"]),
        ("--max-sessions -1:", serve + ["--max-sessions=-1"]),
        ("--consent-timeout 9: use 10 to 120 seconds", serve + ["--consent-timeout", "9"]),
        ("--consent-timeout 121:", serve + ["--consent-timeout", "121"]),
        ("--consent-timeout -20:", serve + ["--consent-timeout=-20"]),
        ("--turn turn.example.org: write turn:HOST:PORT", serve + ["--turn", "turn.example.org"]),
        ("--turn turn:a: there is no secret", serve + ["--turn", "turn:a"]),
        ("--turn-secret-file /x: no --turn uses it", serve + ["--turn-secret-file", "/x", "--turn", "stun:a"]),
        ("--turn-secret-file /x cannot be read", serve + ["--turn-secret-file", "/x", "--turn", "turn:a"]),
        ("--turn-ttl 59:", serve + ["--turn-ttl", "59"]), ("--turn-ttl 604801:", serve + ["--turn-ttl", "604801"]),
        ("--drain-timeout 86401: use a number of seconds from 0", serve + ["--drain-timeout", "86401"]),
        ("--drain-timeout -1:", serve + ["--drain-timeout=-1"]),
        ("--drain-minimum 60001:", serve + ["--drain-minimum", "60001"]),
        ("--busy-poll 10001: use a number of microseconds", serve + ["--busy-poll", "10001"]),
        ("--coalesce -1: use a number of microseconds", serve + ["--coalesce=-1"]),
        (
            "--coalesce 500: the gateway can wait for datagrams or look for them, not both; leave it out or --busy-poll.",
            serve + ["--coalesce", "500", "--busy-poll", "50"]
        ),
        ("--token-key /x cannot be read", serve + ["--token-key", "/x"]),
        ("--token-keys-url ftp://a: write a URL", serve + ["--token-keys-url", "ftp://a"]),
        ("--token-keys-url https://u:p@a/: leave out", serve + ["--token-keys-url", "https://u:p@a/"]),
        ("--token-keys-ca /x: no --token-keys-url uses it", serve + ["--token-keys-ca", "/x"]),
        (
            "--token-keys-interval 29:",
            serve + ["--token-keys-interval", "29", "--token-keys-url", "https://a"]
        ),
        ("--allowed-origin https://a/: write it as browsers do", serve + ["--allowed-origin", "https://a/"]),
        ("--allowed-origin game.example:", serve + ["--allowed-origin", "game.example"]),
        ("--max-joining 60001:", serve + ["--max-joining", "60001"]),
        ("--max-joins-per-second 60001:", serve + ["--max-joins-per-second", "60001"]),
        ("--max-sessions-per-address 60001:", serve + ["--max-sessions-per-address", "60001"]),
        ("--proxy-protocol on: there is no proxy that is trusted", serve + ["--proxy-protocol", "on"]),
        ("--proxy-protocol v2: use on or off", serve + ["--proxy-protocol", "v2"]),
        ("--admission-url a: write a URL", serve + ["--admission-url", "a"]),
        ("--admission-ca /x: no --admission-url uses it", serve + ["--admission-ca", "/x"]),
        ("--admission-timeout 0:", serve + ["--admission-timeout", "0"]),
        (
            "--admission-url http://a: there are keys of tokens, too",
            serve + ["--admission-url", "http://a", "--token-keys-url", "https://a"]
        ),
        ("--token-issuer a: there is no key", serve + ["--token-issuer", "a"]),
        ("--node a.b: use 1 to 63 letters, digits and hyphens", serve + ["--node", "a.b"]),
        ("--trusted-proxy localhost: use an IP address or a network", serve + ["--trusted-proxy", "localhost"]),
        ("--trusted-proxy 10.0.0.0/33:", serve + ["--trusted-proxy", "10.0.0.0/33"]),
        ("--node :", serve + ["--node", ""]),
        ("--log-level loud:", serve + ["--log-level", "loud"]),
        (#"--log-level \r\n:"#, serve + ["--log-level", "\r\n"]),
        ("--log-level :", ["demo", "--log-level", ""]),
        ("--log-format xml: use text or json.", serve + ["--log-format", "xml"]),
        ("--log-rate -1: use a number of lines from 0", serve + ["--log-rate=-1"]),
    ])
    func whatAPersonWroteIsRefusedWith64(begins: String, arguments: [String]) async throws {
        try await expectFailure(64, begins, arguments)
    }

    @Test(arguments: [
        ("The host name nowhere.invalid cannot be resolved", ["serve", "--route", "a=enet://nowhere.invalid"]),
        ("The host name nowhere.invalid cannot be resolved", serve + ["--udp", "nowhere.invalid:1"]),
        ("The host name nowhere.invalid cannot be resolved", serve + ["--advertise", "nowhere.invalid"]),
        (
            "The host name nowhere.invalid cannot be resolved",
            serve + ["--advertise", "192.0.2.1", "--advertise", "nowhere.invalid:80"]
        ),
        ("Cannot serve HTTP at nowhere.invalid:0: the name is unknown", serve + ["--http", "nowhere.invalid:0"]),
        ("Cannot serve metrics at nowhere.invalid:0: the name is unknown", serve + ["--metrics", "nowhere.invalid:0"]),
    ])
    func aHostThatIsNotThereIs68(begins: String, arguments: [String]) async throws {
        try await expectFailure(68, begins, arguments)
    }

    @Test(arguments: [
        ("UDP 192.0.2.99:0 is not an address of this host", ["--udp", "192.0.2.99:0", "--tcp", "127.0.0.1:0"]),
        ("TCP 192.0.2.99:0 is not an address of this host", ["--tcp", "192.0.2.99:0"]),
        ("Cannot serve HTTP at 192.0.2.99:0: this machine has no such address", ["--http", "192.0.2.99:0"]),
        ("Cannot serve metrics at 192.0.2.99:0: this machine has no such address", ["--metrics", "192.0.2.99:0"]),
    ])
    func anAddressOfAnotherHostIs69(begins: String, arguments: [String]) async throws {
        try await expectFailure(69, begins, Self.serve + arguments)
    }

    @Test func portsInUseAre69() async throws {
        let tcp = try TakenPort(.tcp)
        let udp = try TakenPort(.udp)
        let http = "127.0.0.1:\(tcp.number)"
        let media = "127.0.0.1:\(udp.number)"
        try await expectFailure(69, "UDP \(media) is in use", Self.serve + ["--udp", media])
        try await expectFailure(69, "TCP \(http) is in use", Self.serve + ["--tcp", http])
        let sameNumber = ["--udp", "127.0.0.1:\(tcp.number)"]
        try await expectFailure(69, "TCP \(http) is in use", Self.serve + sameNumber)
        try await expectFailure(
            69, "Cannot serve HTTP at \(http): something already listens", Self.serve + ["--http", http])
        try await expectFailure(
            69, "Cannot serve metrics at \(http): something already listens", Self.serve + ["--metrics", http])
        let demo = ["demo", "--http", "127.0.0.1:0", "--udp", "127.0.0.1:0"]
        try await expectFailure(69, "UDP port \(udp.number) is in use", demo + ["--game-port", "\(udp.number)"])
        try await expectFailure(69, "UDP \(media) is in use", demo + ["--game-port", "0", "--udp", media])
        try await expectFailure(69, "Cannot serve HTTP at \(http)", demo + ["--game-port", "0", "--http", http])
    }

    @Test func tooFewFilesAre69() async throws {
        let begins = "This user may open 200 files, but "
        try await expectFailure(69, begins, Self.serve + ["--max-sessions", "1000"], shell: "ulimit -n 200")
    }

    /// Root may bind every port unless that one capability is taken from it.
    @Test(
        .enabled(if: Self.lowPortsAreGuarded, "here every user may bind every port"),
        arguments: [
            ("UDP 127.0.0.1:1 is not allowed", "--udp"), ("TCP 127.0.0.1:1 is not allowed", "--tcp"),
            ("Cannot serve HTTP at 127.0.0.1:1: this user may not", "--http"),
            ("Cannot serve metrics at 127.0.0.1:1: this user may not", "--metrics"),
        ])
    func aPortThisUserMayNotHaveIs77(begins: String, option: String) async throws {
        let drop = getuid() == 0 ? "set -- setpriv --bounding-set=-net_bind_service \"$@\"" : ":"
        try await expectFailure(77, begins, Self.serve + [option, "127.0.0.1:1"], shell: drop)
    }

    private static let lowPortsAreGuarded: Bool = {
        let path = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
        let first = (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { Int($0.dropLast()) }
        return first.map { $0 > 1 } ?? true
    }()

    /// These are the argument parser's own: a sentence that names the option, how to write it, and where to read on.
    @Test(arguments: [
        ("--bogus", ["serve", "--bogus"]), ("bogus", ["bogus"]), ("extra", ["serve", "extra"]),
        ("--http", ["serve", "--http"]), ("--max-sessions", ["serve", "--max-sessions", "many"]),
        ("--game-port", ["demo", "--game-port", "65536"]), ("--route", ["demo", "--route", "a=enet://b"]),
    ])
    func unknownOptionsAreNamedWithTheUsage(named: String, arguments: [String]) async throws {
        let outcome = try await ToriiProcess.run(arguments)
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.first?.hasPrefix("Error: ") == true)
        #expect(outcome.errors.first?.contains("'\(named)") == true)
        #expect(outcome.errors.dropFirst().contains { $0.hasPrefix("Usage: torii ") })
        #expect(outcome.errors.last?.contains("--help' for more information.") == true)
    }

    private func expectFailure(
        _ status: Int32, _ begins: String, _ arguments: [String], shell: String = ":",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await ToriiProcess.run(arguments, shell: shell)
        #expect(outcome.status == status, sourceLocation: sourceLocation)
        #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
        #expect(outcome.errors.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
        let line = outcome.errors.first ?? ""
        #expect(line.hasPrefix("torii: \(begins)"), "\(line)", sourceLocation: sourceLocation)
        #expect(line.hasSuffix("."), "\(line)", sourceLocation: sourceLocation)
        #expect(line.utf8.count < 400, sourceLocation: sourceLocation)
    }
}
