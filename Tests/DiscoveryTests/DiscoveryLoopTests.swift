import Foundation
import Gateway
import Primitives
import Synchronization
import Testing
import WebServices

@testable import Discovery

/// Looking again and again.
@Suite(.timeLimit(.minutes(1))) struct DiscoveryLoopTests {
    private static let one = RouteServer(TransportAddress(ipv4: 0xCB00_7101, port: 1))

    @Test func whatIsTheSameIsNoNews() {
        var progress = DiscoveryProgress()
        let error = DiscoveryError("x")
        #expect(progress.note(.success([])) == .found([], isNews: true))
        #expect(progress.note(.success([Self.one])) == .found([Self.one], isNews: true))
        #expect(progress.note(.success([Self.one])) == .found([Self.one], isNews: false))
        #expect(progress.note(.failure(error)) == .failed(error, isNews: true))
        #expect(progress.note(.failure(error)) == .failed(error, isNews: false))
        #expect(progress.note(.failure(.timedOut)) == .failed(.timedOut, isNews: true))
        #expect(progress.note(.success([Self.one])) == .found([Self.one], isNews: true))
    }

    /// Long before the interval is over, and with its last servers while it is no list.
    @Test func aFileIsReadWhenItHasChanged() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "torii-\(UUID().uuidString)")
        try "203.0.113.1:1\n".write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        var discovery = RouteDiscovery(route: "w", text: "", source: .file(file.path(percentEncoded: false)))
        discovery.interval = .seconds(3600)
        let loop = DiscoveryLoop(discovery) { _ in [] }
        var told: [String] = []
        loop.run { outcome in
            switch outcome {
            case .found(let servers, _): told.append("found \(servers.map(\.address.port))")
            case .failed(let error, _): told.append("failed: \(error)")
            }
            let next = ["203.0.113.1:1 weight=no", "203.0.113.1:1\n203.0.113.1:2"]
            guard told.count <= next.count else { return loop.stop() }
            try? next[told.count - 1].write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(told == ["found [1]", "failed: line 1: weight must be a number from 1 to 1000", "found [1, 2]"])
    }

    /// The records of a real name server change between two looks.
    @Test(.requiresDnsmasq) func aNamesServersAreLookedForAgain() throws {
        let server = try NameServer(names: "203.0.113.1 game.example\n")
        var discovery = RouteDiscovery(route: "w", text: "", source: .name(host: "game.example", port: 7))
        discovery.resolver = server.address
        discovery.interval = 1
        let loop = DiscoveryLoop(discovery) { _ in [] }
        var told: [String] = []
        loop.run { outcome in
            switch outcome {
            case .found(let servers, isNews: true): told.append(servers.map(\.address.host).joined(separator: " "))
            case .failed(let error, isNews: true): told.append("\(error)")
            case .found, .failed: return
            }
            switch told.count {
            case 1: try? server.change(names: "203.0.113.1 game.example\n203.0.113.2 game.example\n")
            case 2: try? server.change(names: "")
            default: loop.stop()
            }
        }
        #expect(told == ["203.0.113.1", "203.0.113.1 203.0.113.2", "game.example has no address"])
    }

    /// A look that is under way when it is stopped comes to nothing: another route may have the name by then.
    @Test func whatIsStoppedTellsNoMore() {
        let running = Mutex<DiscoveryLoop?>(nil)
        let discovery = RouteDiscovery(route: "w", text: "", source: .name(host: "game.example", port: 7))
        let loop = DiscoveryLoop(discovery) { _ in
            running.withLock { $0 }?.stop()
            return [TransportAddress(ipv4: 0xCB00_7101, port: 0)]
        }
        running.withLock { $0 = loop }
        loop.run { Issue.record("it tells \($0)") }
    }

    /// A service that shows somebody else's certificate says nothing that counts; the same as when it is gone.
    @Test func aDocumentIsLookedForAgainOverTLS() throws {
        let identity = try TestIdentity(name: "IP:127.0.0.1")
        let service = try FileService(identity: identity.pem)
        try service.publish(#"{"servers": [{"address": "203.0.113.1"}]}"#, as: "list")
        var discovery = RouteDiscovery(
            route: "w", text: "",
            source: .http(
                host: "127.0.0.1", port: service.port, path: "/list",
                security: .tls(authorities: Array(identity.certificate.utf8))))
        discovery.interval = 1
        discovery.defaultPort = 7777
        let loop = DiscoveryLoop(discovery) { _ in [] }
        var told: [String] = []
        loop.run { outcome in
            switch outcome {
            case .found(let servers, isNews: true): told.append(servers.map(\.address.host).joined(separator: " "))
            case .failed(let error, isNews: true): told.append("\(error)")
            case .found, .failed: return
            }
            switch told.count {
            case 1: try? service.publish(#"{"servers": [{"address": "203.0.113.2"}]}"#, as: "list")
            case 2: service.stop()
            default: loop.stop()
            }
        }
        #expect(
            told == ["203.0.113.1", "203.0.113.2", "127.0.0.1:\(service.port) cannot be reached: Connection refused"])
    }
}
