import Bridge
import DTLS
import Foundation
import Gateway
import Primitives
import SCTP
import SDP
import Testing

@testable import Signaling

/// Where every core of these tests lives: usrsctp wants one thread at a time.
@globalActor actor CoreIsolation {
    static let shared = CoreIsolation()
}

/// A real core behind the protocol, its clock turned by the test.
@CoreIsolation final class TestControl: SessionControl {
    private let core: GatewayCore
    private var now = Instant.zero
    private var outbox = Outbox()
    private(set) var readiness = Readiness.ready

    init(sessionLimit: Int = 1000, joinLimitPerSource: Int = 64) throws {
        let server = TransportAddress(ipv4: 0x7F00_0001, port: 7777)
        var configuration = GatewayConfiguration(
            routes: [
                Route(name: "game", profile: .channels, server: server),
                Route(name: "a/b c", profile: .channels, server: server),
                Route(name: "godot", profile: .godot4, server: server),
                Route(name: "raw", profile: .datagrams, server: server),
                Route(
                    name: "pool", profile: .channels,
                    servers: ["eu-1", "eu-2"].map {
                        RouteServer(server.with(port: $0 == "eu-1" ? 7777 : 7778), name: $0)
                    }),
            ], advertised: [TransportAddress(ipv4: 0xC000_0201, port: 3478)])
        configuration.sessionLimit = sessionLimit
        configuration.joinLimitPerSource = joinLimitPerSource
        core = try GatewayCore(
            configuration: configuration, context: try DTLSContext(certificate: Certificate()), stack: .shared,
            random: SystemRandomNumberGenerator())
    }

    func join(_ request: JoinRequest) throws(JoinRefusal) -> JoinAnswer {
        try core.join(request, at: now, into: &outbox)
    }

    func leave(_ id: SessionID, disconnectData: UInt32?) -> Leaving {
        core.leave(id, disconnectData: disconnectData, at: now)
    }
    func status(of id: SessionID) -> SessionStatus? { core.status(of: id) }

    func update(
        _ id: SessionID, _ fragment: ICEFragment, iceTag: String?
    ) throws(UpdateRefusal) -> ICEUpdate {
        try core.update(id, fragment, iceTag: iceTag, at: now)
    }

    func setReadiness(_ readiness: Readiness) { self.readiness = readiness }
    func stop() { core.stop(at: now) }
    func toggleDrain() { core.toggleDrain() }

    /// Lets time pass until every farewell is over.
    func passTime() {
        for _ in 0..<10 {
            now = now + .seconds(1)
            core.advance(to: now)
            while core.settle(at: now, into: &outbox) {}
        }
    }
}

/// Runs a server on loopback for one test.
func withServer(
    _ control: TestControl, site: StaticSite? = nil, iceServers: ICEServers = .none,
    admission: AdmissionInUse = AdmissionInUse(.open), limits: Limits = Limits(),
    _ body: (SignalingServer) async throws -> Void
) async throws {
    let server = try await SignalingServer.start(
        host: "127.0.0.1", port: 0, control: control, site: site, iceServers: ICEServersInUse(iceServers),
        admission: admission, limits: limits)
    do {
        try await body(server)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

/// The repository's file at a path from its root.
func repositoryFile(_ path: String, file: String = #filePath) throws -> String {
    let root = URL(fileURLWithPath: file)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
}

func offer(_ name: String = "chromium-data") throws -> String {
    try repositoryFile("Fixtures/sdp/\(name).sdp")
}

/// A request as text, with its body's length.
func request(_ line: String, _ headers: [String] = [], body: String = "") -> String {
    let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
    return ([line + " HTTP/1.1", "Host: torii.test"] + headers + length).map { $0 + "\r\n" }.joined() + "\r\n" + body
}

func post(_ target: String, type: String? = "application/sdp", _ body: String) -> String {
    request("POST \(target)", type.map { ["Content-Type: \($0)"] } ?? [], body: body)
}
