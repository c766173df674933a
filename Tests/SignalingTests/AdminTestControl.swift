import Bridge
import DTLS
import Gateway
import Primitives
import SDP
import Synchronization
import Testing

@testable import Signaling

let adminToken = "0123456789abcdef+/=~"

/// A real core behind the admin's protocol; its clock stands still but where the test turns it.
@CoreIsolation final class AdminTestControl: AdminControl {
    private let core: GatewayCore
    private var now = Instant.zero
    private var outbox = Outbox()
    private let known = Mutex<[SessionID: (route: String, timeline: SessionTimeline, carried: SessionCounters?)]>([:])
    private let level = Mutex(AdminLogLevel.info)

    init() throws {
        let server = TransportAddress(ipv4: 0x7F00_0001, port: 7777)
        core = try GatewayCore(
            configuration: GatewayConfiguration(
                routes: [
                    Route(name: "game", profile: .channels, server: server),
                    Route(name: "godot", profile: .godot4, server: server),
                ], advertised: [TransportAddress(ipv4: 0xC000_0201, port: 3478)]),
            context: try DTLSContext(certificate: Certificate()), stack: .shared,
            random: SystemRandomNumberGenerator())
    }

    /// Makes a session, whose browser never comes.
    @discardableResult func join(_ route: String = "game") throws -> SessionID {
        let offer = try DataChannelDescription(offer: SessionDescription(parsing: Array(offer().utf8)))
        let answer = try core.join(JoinRequest(route: route, peerID: nil, offer: offer), at: now, into: &outbox)
        note()
        return answer.session
    }

    func depart() { core.depart(Departure(timeout: .seconds(60)), at: now) }

    /// Lets time pass until every farewell is over.
    func passTime() {
        now = now + .seconds(20)
        core.advance(to: now)
        while core.settle(at: now, into: &outbox) {}
        note()
    }

    private func note() {
        known.withLock { known in
            for event in outbox.events {
                known[event.session, default: (event.route, SessionTimeline(), nil)].timeline.append(
                    SessionTimeline.Event(event.kind), at: 1_700_000_000_000)
                if case .ended(_, _, let counters) = event.kind { known[event.session]?.carried = counters }
            }
        }
        outbox.removeAll()
    }

    func report() -> AdminReport { AdminReport(version: "1.2.3", uptime: 42, metrics: core.metrics(at: now)) }

    func sessions(after place: Int?, limit: Int) -> [SessionDetails] {
        core.sessions(after: place, limit: limit, at: now)
    }

    func session(_ id: SessionID) -> AdminSession? { session(id, core.details(of: id, at: now)) }

    private nonisolated func session(_ id: SessionID, _ details: SessionDetails?) -> AdminSession? {
        known.withLock { $0[id] }.map {
            AdminSession(
                id: id, route: $0.route, server: nil, details: $0.carried == nil ? details : nil,
                timeline: $0.timeline, carried: $0.carried)
        }
    }

    nonisolated func sessions(shortened digits: String) -> [SessionID] {
        known.withLock { $0.keys.filter { digits == "00000000" || $0.isShortened(as: digits) } }
    }

    nonisolated func endedSessions(limit: Int) -> [AdminSession] {
        let ended = known.withLock { $0.filter { $0.value.carried != nil }.keys }
        return ended.prefix(limit).compactMap { session($0, nil) }
    }

    func remove(_ id: SessionID, because words: String?, disconnectData: UInt32?) -> Leaving {
        core.leave(id, disconnectData: disconnectData, for: .removedByOperator(words), at: now)
    }

    /// The file as far as it is at the end of all time: what was captured of a session whose browser never comes.
    func capture(_ id: SessionID, _ options: CaptureOptions) -> Result<AdminCapture, CaptureRefusal> {
        do throws(CaptureRefusal) {
            let capture = try core.startCapture(of: id, options, time: 1_700_000_000_000_000_000, at: now)
            return .success(AdminCapture { [self] in await take(capture) })
        } catch {
            return .failure(error)
        }
    }

    private func take(_ capture: CaptureID) -> [UInt8]? {
        if !core.hasCaptured(capture) { passTime() }
        return core.takeCaptured(capture)?.bytes
    }

    func drain(_ isDraining: Bool) -> ServiceState {
        core.drain(isDraining)
        return core.service
    }

    nonisolated func setLogLevel(_ level: AdminLogLevel) { self.level.withLock { $0 = level } }
    nonisolated var logLevel: AdminLogLevel { level.withLock { $0 } }
}

/// Runs an admin server on loopback for one test.
func withAdmin(
    _ control: AdminTestControl, token: AdminTokenInUse = AdminTokenInUse(Array(adminToken.utf8)),
    _ body: (SignalingServer) async throws -> Void
) async throws {
    let admin = try await AdminServer.start(host: "127.0.0.1", port: 0, token: token, control: control)
    do {
        try await body(admin.server)
    } catch {
        await admin.stop()
        throw error
    }
    await admin.stop()
}

/// A request as an operator's program sends it.
func adminRequest(
    _ line: String, host: String = "localhost", token: String? = adminToken, _ headers: [String] = [],
    body: String = ""
) -> String {
    let own = ["Host: \(host)"] + (token.map { ["Authorization: Bearer \($0)"] } ?? [])
    let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
    return ([line + " HTTP/1.1"] + own + headers + length).map { $0 + "\r\n" }.joined() + "\r\n" + body
}
