import Foundation
import Gateway
import Glibc
import Primitives
import SDP
import STUN
import SimulationSupport
import Synchronization
import Testing

@testable import DataPlane

extension DataPlaneTests {
    /// The worker with its TCP port.
    @Suite struct TCPPlaneTests {
        @Test func answersNameTheTCPPortToo() async throws {
            try await withPlane { plane, _ in
                let tcp = try #require(plane.tcp)
                #expect(plane.advertised.tcp == [tcp])
                let description = try await join(plane)
                #expect(description.candidates.map(\.address) == [plane.udp, tcp])
                #expect(description.candidates.map(\.transport) == [.udp, .tcpPassive])
            }
        }

        /// A check is answered on the connection it came by, and with it the session is reached; the session's end ends
        /// the connection.
        @Test(arguments: [Loopback.ipv4, Loopback.ipv6]) func aCheckIsAnswered(host: TransportAddress) async throws {
            try await withPlane(host: host) { plane, reached in
                let description = try await join(plane)
                let client = try TCPClient(to: #require(plane.tcp))
                let id = TransactionID(high: 1, low: 2)
                for _ in 0..<2 {
                    try client.send(frame: check(id, for: description.credentials))
                    let response = try #require(try client.nextFrame())
                    try response.withUnsafeBytes { bytes in
                        let message = try STUNMessage(parsing: bytes)
                        #expect(message.class == .success && message.transactionID == id)
                        #expect(try message.xorMappedAddress == client.address)
                    }
                }
                let snapshot = await plane.snapshot()
                #expect(try reached.withLock { $0 } == ["tcp \(client.address)"])
                #expect(snapshot.drops.total == 0)
                await plane.stop()
                while let frame = try client.nextFrame() { #expect(frame.first == 21, "last words are DTLS alerts") }
            }
        }

        @Test func whatIsNoValidCheckIsCountedAndEndsTheConnection() async throws {
            try await withPlane { plane, _ in
                let description = try await join(plane)
                let wrong = ICECredentials(
                    ufrag: description.credentials.ufrag, password: String(repeating: "wrong", count: 5))
                let id = TransactionID(high: 3, low: 4)
                let frames: [([UInt8], DropReason)] = [
                    ([22, 254, 253, 0, 1], .datagramFromStranger), ([200, 1], .datagramFirstByteUnknown),
                    ([0, 1, 2, 3], .stunMalformed), (check(id, for: wrong), .stunIntegrityMismatch),
                ]
                for (frame, reason) in frames {
                    let client = try TCPClient(to: #require(plane.tcp))
                    try client.send(frame: frame)
                    // An error response may come before the end, and never more bytes than were sent.
                    var received = 0
                    while let response = try client.nextFrame() { received += response.count }
                    #expect(received <= frame.count)
                    let drops = await plane.snapshot().drops
                    #expect(drops[reason] == 1, "\(reason)")
                }
                let client = try TCPClient(to: #require(plane.tcp))
                try client.send([255, 255, 0])
                #expect(try client.nextFrame() == nil)
                let drops = await plane.snapshot().drops
                #expect(drops[.tcpFrameTooLong] == 1)
                #expect(drops.total == UInt64(frames.count) + 1)
            }
        }

        /// A browser that closes its connection and opens another is where it was.
        @Test func aConnectionAfterTheOther() async throws {
            try await withPlane { plane, reached in
                let credentials = try await join(plane).credentials
                for number in 0..<5 as Range<UInt64> {
                    let client = try TCPClient(to: #require(plane.tcp))
                    try client.send(frame: check(TransactionID(high: 1, low: number), for: credentials))
                    #expect(try client.nextFrame() != nil)
                }
                // What was reported before this answer has been heard.
                _ = await plane.snapshot()
                #expect(reached.withLock { $0.count } == 5)
            }
        }

        @Test func withoutTCPNothingListensAndNothingIsNamed() async throws {
            try await withPlane(hasTCP: false) { plane, _ in
                #expect(plane.tcp == nil && plane.advertised.tcp.isEmpty)
                let description = try await join(plane)
                #expect(description.candidates.map(\.transport) == [.udp])
            }
        }

        @Test func aTCPPortInUseIsNamedAndNothingIsLeftBehind() async throws {
            let taken = try TCPListener(boundTo: Loopback.ipv4)
            let udp = try Loopback.closedPort()
            for _ in 0..<2 {
                let error = await #expect(throws: NetworkError.self) {
                    try await DataPlane.start(settings(udp: udp, tcp: taken.localAddress)) { _ in }
                }
                #expect(error == .addressInUse(taken.localAddress, .tcp))
            }
        }

        @Test func stoppingFreesThePort() async throws {
            var address: TransportAddress?
            try await withPlane { plane, _ in address = plane.tcp }
            let tcp = try #require(address)
            #expect(try TCPListener(boundTo: tcp).localAddress == tcp)
        }

        // MARK: - Support

        private func settings(udp: TransportAddress, tcp: TransportAddress?) -> DataPlaneSettings {
            let server = TransportAddress(ipv4: 0x7F00_0001, port: 9)
            return DataPlaneSettings(
                udp: udp, tcp: tcp, advertised: AdvertisedAddresses([]),
                gateway: GatewayConfiguration(
                    routes: [Route(name: "world", profile: .channels, server: server)], advertised: []))
        }

        private func withPlane(
            host: TransportAddress = Loopback.ipv4, hasTCP: Bool = true,
            _ body: (DataPlane, borrowing Mutex<[String]>) async throws -> Void
        ) async throws {
            let reached = Paths()
            let plane = try await DataPlane.start(settings(udp: host, tcp: hasTCP ? host : nil)) { event in
                switch event.kind {
                case .reached(let path), .moved(let path):
                    reached.all.withLock { $0.append("\(path.transport) \(path.address)") }
                default: break
                }
            }
            do {
                try await body(plane, reached.all)
            } catch {
                await plane.stop()
                throw error
            }
            await plane.stop()
        }

        private final class Paths: Sendable {
            let all = Mutex<[String]>([])
        }

        private func join(_ plane: DataPlane) async throws -> DataChannelDescription {
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let text = Array(try Data(contentsOf: root.appending(path: "Fixtures/sdp/chromium-data.sdp")))
            let offer = try DataChannelDescription(offer: SessionDescription(parsing: text))
            let answer = try await plane.join(JoinRequest(route: "world", peerID: nil, offer: offer))
            return try DataChannelDescription(answer: SessionDescription(parsing: answer.sdp))
        }

        private func check(_ id: TransactionID, for credentials: ICECredentials) -> [UInt8] {
            STUNMessageBuilder.bindingRequest(
                id, to: credentials.ufrag, password: credentials.password, from: "peer",
                role: .controlling(tieBreaker: 7), priority: 100, useCandidate: true)
        }
    }
}
