import Glibc
import Logging
import Primitives
import Synchronization
import Testing

@testable import Gateway
@testable import Operations

@Suite struct SessionLogTests {
    private static let id = "0123456789abcdef0123456789abcdef"

    private static func ended(_ reason: EndReason) -> SessionEvent.Kind {
        var counters = SessionCounters()
        counters.toServer.count(.reliable, bytes: 30, messages: 3)
        counters.toBrowser.count(.unsequenced, bytes: 40, messages: 4)
        counters.drops.count(.messageStale, times: 5)
        return .ended(reason, after: 1_500, counters: counters)
    }

    private static let browser = TransportAddress(ipv4: 0xC000_0201, port: 5000)

    @Test(
        arguments: [
            (.joined(peerID: 42), "info joined peer_id=42"), (.joined(peerID: nil), "info joined"),
            (.reached(.udp(browser)), "debug reached browser=192.0.2.1:5000 transport=udp"),
            (.moved(.udp(browser)), "info moved browser=192.0.2.1:5000 transport=udp"),
            (
                .reached(.tcp(TCPConnectionID(number: 7), browser)),
                "debug reached browser=192.0.2.1:5000 transport=tcp"
            ),
            (.moved(.tcp(TCPConnectionID(number: 7), browser)), "info moved browser=192.0.2.1:5000 transport=tcp"),
            (.secured(after: 15), "debug secured after_ms=15"),
            (.stalled(.toServer), "info stalled direction=to-server"),
            (.recovered(.toBrowser), "info no longer stalled direction=to-browser"),
            (.opened(after: 20), "debug data channels open after_ms=20"),
            (.playing(after: 30), "info playing after_ms=30"),
            (
                ended(.serverClosed(data: 7)),
                "info ended: The game server disconnected the player (data 7). after_ms=1500 drop_messageStale=5 "
                    + "reason=server-closed to_browser=4 to_server=3"
            ),
        ] as [(SessionEvent.Kind, String)])
    func oneLineForEachEvent(kind: SessionEvent.Kind, expected: String) throws {
        let lines = try written(kind)
        // Time first; session and route are among the sorted fields.
        let words = lines.first?.split(separator: " ").dropFirst().filter {
            !$0.hasPrefix("session=") && !$0.hasPrefix("route=")
        }
        #expect(lines.count == 1)
        #expect(words?.joined(separator: " ") == expected)
        #expect(lines.first?.contains(" session=01234567") == true)
        #expect(lines.first?.contains(" route=world") == true)
        #expect(
            lines.first?.contains(Self.id.prefix(9)) == false, "too much of the id: whoever has it may end the session")
    }

    /// The words of a failed handshake are OpenSSL's and partly the browser's.
    @Test func aReasonCannotForgeALine() throws {
        let lines = try written(Self.ended(.dtlsFailed("x\n2026-11-21T08:46:28.005Z notice stopped")))
        #expect(lines.first?.contains("\n") == false)
    }

    /// A route with one server has nothing to tell.
    @Test func theServerIsNamedWhereThereAreSeveral() throws {
        #expect(try written(.joined(peerID: 7)).first?.contains("server=") == false)
        #expect(try written(.joined(peerID: 7), server: "eu-1").first?.contains(" server=eu-1") == true)
    }

    private func written(_ kind: SessionEvent.Kind, server: String? = nil) throws -> [String] {
        let lines = Lines()
        var logger = Logger(label: "test") { _ in Recorder(lines: lines) }
        logger.logLevel = .trace
        let session = try #require(SessionID(Self.id))
        SessionLog(logger: logger).write(SessionEvent(session: session, route: "world", server: server, kind: kind))
        return lines.all.withLock { $0 }
    }

    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    /// Keeps what `LineLogHandler` would write.
    private struct Recorder: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        init(lines: Lines) {
            self.lines = lines
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = LogFormat.text.line(
                event.level, event.message.description, event.metadata ?? [:], at: timespec())
            lines.all.withLock { $0.append(line) }
        }
    }
}
