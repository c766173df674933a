import DemoWorld
import Gateway
import Glibc
import Primitives
import SDP
import Testing

@testable import DataPlane

/// Probes of a real game server on a real socket.
@Suite(.serialized, .timeLimit(.minutes(1))) struct ProbingTests {
    private static func target(_ server: TransportAddress) -> ProbeRound.Target {
        ProbeRound.Target(route: "w", server: server, path: ServerPath(), compression: .none)
    }

    @Test func whoIsThereAnswers() throws {
        let game = try DemoServer(port: 0)
        defer { game.stop() }
        let silent = try UDPSocket(boundTo: Loopback.ipv4)
        let closed = try Loopback.closedPort()
        let servers = [closed, game.address, try silent.address] + Array(repeating: game.address, count: 70)
        let answers = ProbeRound.run(servers.map(Self.target))
        #expect(answers == [false, true, false] + Array(repeating: true, count: 70))
        #expect(ProbeRound.run([]) == [])
    }

    /// A gateway that has no socket left knows nothing of the server; one that has no way there does.
    @Test func whoCouldNotBeAskedIsNotSilent() throws {
        let game = try DemoServer(port: 0)
        defer { game.stop() }
        let codes = [EMFILE, ENFILE, ENOBUFS, ENOMEM, ENETUNREACH]
        var turn = 0
        let answers = ProbeRound.run(Array(repeating: Self.target(game.address), count: 6)) {
            (target) throws(NetworkError) in
            defer { turn += 1 }
            guard turn == codes.count else { throw .refused(call: "open a UDP socket", code: codes[turn]) }
            return try UDPSocket(connectedTo: target.server)
        }
        #expect(answers == [nil, nil, nil, nil, false, true])
    }

    /// A game without DTLS is no server of a route with it.
    @Test func aServerWithoutDTLSIsNotThere() throws {
        let game = try DemoServer(port: 0)
        defer { game.stop() }
        var target = Self.target(game.address)
        target.security = .dtls(.none, name: "127.0.0.1")
        #expect(ProbeRound.run([target, Self.target(game.address)]) == [false, true])
    }
}

extension DataPlaneTests {
    /// The worker learns of it, and no player is sent where nobody answers.
    @Test func aServerThatDoesNotAnswerIsDown() async throws {
        let game = try DemoServer(port: 0)
        defer { game.stop() }
        var route = Route(
            name: "world", profile: .channels,
            servers: [RouteServer(try Loopback.closedPort()), RouteServer(game.address)])
        route.pool.probeInterval = 1
        let plane = try await DataPlane.start(
            DataPlaneSettings(
                udp: Loopback.ipv4, advertised: AdvertisedAddresses([]),
                gateway: GatewayConfiguration(routes: [route], advertised: [])), report: { _ in })
        let probing = Task { await plane.probeServers() }
        var states: [ServerState] = []
        while states != [.down, .up], !Task.isCancelled {
            states = await plane.metrics().routes.first?.servers.map(\.state) ?? []
            try await Task.sleep(for: .milliseconds(10))
        }
        probing.cancel()
        await probing.value
        await plane.stop()
    }
}
