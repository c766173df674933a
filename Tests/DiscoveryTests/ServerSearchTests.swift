import Foundation
import Gateway
import Primitives
import Testing
import WebServices

@testable import Discovery

/// Every source for real: files, programs, a server of HTTP, and dnsmasq.
@Suite struct ServerSearchTests {
    private func search(
        _ source: DiscoverySource, resolver: TransportAddress? = nil, timeout: Milliseconds = 20_000,
        isPrivate: Bool = false, names: [String: [String]] = [:]
    ) -> Result<[String], DiscoveryError> {
        var discovery = RouteDiscovery(route: "world", text: "enet+…", source: source)
        discovery.defaultPort = 7777
        discovery.resolver = resolver
        discovery.timeout = timeout
        discovery.mayBePrivate = isPrivate
        let search = ServerSearch(discovery) { name in
            guard let found = names[name] else { throw DiscoveryError("unknown") }
            return found.compactMap { TransportAddress(literal: $0, port: 0) }
        }
        return Result { () throws(DiscoveryError) in
            try search.run().map { server in
                let capacity = server.capacity.map { " /\($0)" } ?? ""
                return "\(server.address) \(server.name ?? "-") *\(server.weight)\(capacity)"
            }
        }
    }

    private func failure(_ result: Result<[String], DiscoveryError>) -> String? {
        if case .failure(let error) = result { error.description } else { nil }
    }

    private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "torii-\(UUID().uuidString)")
        try text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file.path(percentEncoded: false))
    }

    // MARK: - Files and programs

    @Test func aFilesServersAreFound() throws {
        try withFile("203.0.113.1\ngame.example:9 name=eu weight=2 capacity=5\ngone.example:1\n") { path in
            let names = ["game.example": ["2001:db8::7", "203.0.113.7"]]
            // One that is not known does not spoil the others.
            #expect(
                search(.file(path), names: names)
                    == .success(["203.0.113.1:7777 - *1", "203.0.113.7:9 eu *2 /5"]))
        }
        try withFile("") { #expect(search(.file($0)) == .success([])) }
        #expect(failure(search(.file("/no/such/file"))) == "the file cannot be read: No such file or directory")
        #expect(failure(search(.file("/dev/null"))) == "it is no file")
        try withFile("gone.example") { #expect(failure(search(.file($0))) == "gone.example cannot be resolved") }
    }

    @Test func whatAProgramPrintsIsFound() {
        #expect(search(.command(["/bin/echo", "203.0.113.1:1", "weight=3"])) == .success(["203.0.113.1:1 - *3"]))
        let json = #"{"servers": [{"address": "203.0.113.1"}]}"#
        #expect(search(.command(["/bin/echo", json])) == .success(["203.0.113.1:7777 - *1"]))
        #expect(search(.command(["/bin/true"])) == .success([]))
        #expect(failure(search(.command(["/bin/false"]))) == "it ended with status 1")
        #expect(failure(search(.command(["/no/such/program"]))) == "it does not start: No such file or directory")
        #expect(failure(search(.command(["/bin/sh", "-c", "kill -9 $$"]))) == "it was ended by signal 9")
        #expect(failure(search(.command(["/usr/bin/yes"]))) == "it has more than 1048576 bytes")
    }

    /// A secret of the gateway's is none of a program's.
    @Test func aProgramHasNoSettings() {
        setenv("TORII_TURN_SECRET", "secret", 1)
        defer { unsetenv("TORII_TURN_SECRET") }
        let script = "test -z \"$TORII_TURN_SECRET\" && test -n \"$PATH\" && echo 203.0.113.1"
        #expect(search(.command(["/bin/sh", "-c", script])) == .success(["203.0.113.1:7777 - *1"]))
    }

    /// With what it started itself, which has the pipe, too.
    @Test func aProgramThatTakesTooLongIsKilled() throws {
        try withFile("") { path in
            let script = "(echo $$ $PPID; sleep 600) & echo $! > \(path); sleep 600"
            #expect(failure(search(.command(["/bin/sh", "-c", script]), timeout: 500)) == "it took too long")
            let child = try #require(pid_t(String(contentsOfFile: path, encoding: .utf8).dropLast()))
            // Killed, it runs no more, whoever collects it sometime; the kernel may take a moment.
            var isRunning = true
            for _ in 0..<1000 where isRunning {
                let state = (try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)) ?? ") Z"
                isRunning = state.split(separator: ")").last?.contains("Z") == false
                if isRunning { usleep(10_000) }
            }
            #expect(!isRunning)
        }
        // One that closes its output and goes on.
        let quiet = ["/bin/sh", "-c", "exec >&-; sleep 600"]
        #expect(failure(search(.command(quiet), timeout: 300)) == "it took too long")
    }

    // MARK: - HTTP

    @Test func aDocumentIsFetched() throws {
        let shards = #"{"data": {"shards": [{"address": "203.0.113.7", "port": 7778, "name": "a", "max_users": 8}]}}"#
        let server = try LoopbackServer(
            answer: "HTTP/1.1 200 OK\r\nContent-Length: \(shards.utf8.count)\r\n\r\n\(shards)")
        defer { server.stop() }
        let source = DiscoverySource.http(host: "uro.example", port: server.port, path: "/shards?x=1")
        #expect(
            search(source, names: ["uro.example": ["127.0.0.1"]]) == .success(["203.0.113.7:7778 a *1 /8"]))
        #expect(server.request.hasPrefix("GET /shards?x=1 HTTP/1.0\r\nHost: uro.example:\(server.port)\r\n"))
        #expect(failure(search(source)) == "uro.example cannot be resolved")
    }

    @Test func whatIsNoDocumentIsSaid() throws {
        let missing = try LoopbackServer(answer: "HTTP/1.1 404 Not Found\r\n\r\n")
        defer { missing.stop() }
        func fetch(_ port: UInt16, timeout: Milliseconds = 20_000) -> String? {
            failure(search(.http(host: "127.0.0.1", port: port, path: "/"), timeout: timeout))
        }
        #expect(fetch(missing.port) == "it answers with the status 404, not 200")
        let silent = try LoopbackServer(answer: nil)
        defer { silent.stop() }
        #expect(fetch(silent.port, timeout: 200) == "it took too long")
        let closed = try LoopbackServer.unusedPort()
        #expect(fetch(closed) == "127.0.0.1:\(closed) cannot be reached: Connection refused")
        let long = try LoopbackServer(
            answer: "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: " ", count: ServerList.longest + 20_000))
        defer { long.stop() }
        #expect(fetch(long.port)?.hasPrefix("it has more than ") == true)
    }

    /// Python's server of TLS, which ends without a word, and openssl's, whose documents have no length.
    @Test func aDocumentIsFetchedOverTLS() throws {
        let identity = try TestIdentity(name: "DNS:uro.example")
        let service = try FileService(identity: identity.pem)
        try service.publish(#"{"servers": [{"address": "203.0.113.7"}]}"#, as: "shards")
        let found = Result<[String], DiscoveryError>.success(["203.0.113.7:7777 - *1"])
        func source(_ port: UInt16, _ path: String, authorities: String?) -> DiscoverySource {
            .http(
                host: "uro.example", port: port, path: path,
                security: .tls(authorities: authorities.map { Array($0.utf8) }))
        }
        let names = ["uro.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]]
        let right = source(service.port, "/shards", authorities: identity.certificate)
        #expect(search(right, names: names) == found)
        #expect(
            failure(search(source(service.port, "/gone", authorities: identity.certificate), names: names))
                == "it answers with the status 404, not 200")

        let program = try OpenSSLFileServer(
            identity.pem, files: ["shards": "HTTP/1.0 200 OK\r\n\r\n{\"servers\": [{\"address\": \"203.0.113.7\"}]}"])
        #expect(search(source(program.port, "/shards", authorities: identity.certificate), names: names) == found)
    }

    @Test func aServerOfDocumentsIsVerified() throws {
        let (identity, other) = try (TestIdentity(name: "DNS:uro.example"), TestIdentity(name: "DNS:uro.example"))
        let service = try FileService(identity: identity.pem)
        try service.publish(#"{"servers": [{"address": "203.0.113.7"}]}"#, as: "shards")
        func fetch(_ host: String, _ port: UInt16, _ authorities: String?, timeout: Milliseconds = 20_000) -> String? {
            let security = DocumentSecurity.tls(authorities: authorities.map { Array($0.utf8) })
            let source = DiscoverySource.http(host: host, port: port, path: "/shards", security: security)
            return failure(search(source, timeout: timeout, names: [host: ["127.0.0.1"]]))
        }
        #expect(fetch("uro.example", service.port, identity.certificate) == nil)
        #expect(
            fetch("other.example", service.port, identity.certificate)
                == "its certificate was refused: hostname mismatch")
        #expect(
            fetch("127.0.0.1", service.port, identity.certificate)
                == "its certificate was refused: IP address mismatch")
        for authorities in [other.certificate, nil] {
            let words = fetch("uro.example", service.port, authorities)
            #expect(words?.hasPrefix("its certificate was refused: self-signed certificate") == true, "\(words ?? "")")
        }
        #expect(fetch("uro.example", service.port, "nonsense")?.hasPrefix("TLS cannot be had: ") == true)
        let plain = try FileService()
        #expect(fetch("uro.example", plain.port, identity.certificate)?.hasPrefix("TLS failed: ") == true)
        let silent = try LoopbackServer(answer: nil)
        defer { silent.stop() }
        #expect(fetch("uro.example", silent.port, identity.certificate, timeout: 200) == "it took too long")
    }

    // MARK: - DNS

    @Test(.requiresDnsmasq) func allAddressesOfANameAreServers() throws {
        let server = try NameServer(
            names: "203.0.113.2 game.example\n203.0.113.1 game.example\n2001:db8::5 game.example\n")
        let source = DiscoverySource.name(host: "game.example", port: 7)
        #expect(
            search(source, resolver: server.address)
                == .success(["203.0.113.1:7 - *1", "203.0.113.2:7 - *1", "[2001:db8::5]:7 - *1"]))
        let gone = DiscoverySource.name(host: "gone.example", port: 7)
        #expect(failure(search(gone, resolver: server.address)) == "gone.example has no address")
        server.stop()
        #expect(failure(search(source, resolver: server.address, timeout: 1000)) != nil)
    }

    /// Those of the lowest priority, each with its port and weight.
    @Test(.requiresDnsmasq) func servicesAreServers() throws {
        let name = "_game._udp.example"
        let server = try NameServer(
            [
                "--srv-host=\(name),one.example,7001,10,60", "--srv-host=\(name),two.example,7002,10,0",
                "--srv-host=\(name),gone.example,7003,10,5", "--srv-host=\(name),spare.example,7004,20,60",
                "--srv-host=_big._udp.example,one.example,1,0,60000",
                "--srv-host=_big._udp.example,two.example,1,0,600",
            ], names: "203.0.113.1 one.example\n203.0.113.2 two.example\n203.0.113.3 spare.example\n")
        #expect(
            search(.service(name), resolver: server.address)
                == .success(["203.0.113.1:7001 one.example *60", "203.0.113.2:7002 two.example *1"]))
        #expect(
            search(.service("_big._udp.example"), resolver: server.address)
                == .success(["203.0.113.1:1 one.example *1000", "203.0.113.2:1 two.example *10"]))
        let none = search(.service("_none._udp.example"), resolver: server.address)
        #expect(failure(none) == "_none._udp.example has no SRV record")
    }

    /// More than a datagram takes comes over TCP.
    @Test(.requiresDnsmasq) func aLongAnswerIsWhole() throws {
        let names = (1...60).map { "203.0.113.\($0) server-number-\($0).of.the.game.example" }
        let records = (1...60).map { "--srv-host=_game._udp.example,server-number-\($0).of.the.game.example,\($0),0,1" }
        let server = try NameServer(records, names: names.joined(separator: "\n") + "\n")
        let found = try search(.service("_game._udp.example"), resolver: server.address).get()
        #expect(found.count == 60)
    }

    // MARK: - What may be used

    @Test(arguments: ["10.0.0.1", "127.0.0.1", "169.254.1.1", "fd00::1"])
    func aPrivateServerNeedsToBeAllowed(address: String) throws {
        let place = address.contains(":") ? "[\(address)]" : address
        let source = DiscoverySource.command(["/bin/echo", place])
        #expect(
            failure(search(source)) == "\(address) is not public; allow such servers with private=allowed")
        #expect(try search(source, isPrivate: true).get().count == 1)
        let mixed = DiscoverySource.command(["/bin/echo", "-e", "\(place)\\n203.0.113.1"])
        #expect(search(mixed) == .success(["203.0.113.1:7777 - *1"]))
    }

    @Test func nobodysAddressIsNoServer() {
        let result = search(.command(["/bin/echo", "224.0.0.1"]), isPrivate: true)
        #expect(failure(result) == "224.0.0.1 is not public; allow such servers with private=allowed")
    }
}
