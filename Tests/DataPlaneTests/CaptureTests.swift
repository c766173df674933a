import Foundation
import Gateway
import Primitives
import SDP
import SimulationSupport
import Testing

@testable import DataPlane

/// Captures asked for from other threads.
@Suite(.onTheSCTPStack) struct CaptureTests {
    private func withPlane(_ body: (DataPlane, SessionID) async throws -> Void) async throws {
        let route = Route(name: "world", profile: .godot4, server: try Loopback.closedPort())
        let plane = try await DataPlane.start(
            DataPlaneSettings(
                udp: Loopback.ipv4, advertised: AdvertisedAddresses([]),
                gateway: GatewayConfiguration(routes: [route], advertised: [])), report: { _ in })
        do {
            try await body(plane, try await plane.join(Self.request()).session)
        } catch {
            await plane.stop()
            throw error
        }
        await plane.stop()
    }

    private static func request() throws -> JoinRequest {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = Array(try Data(contentsOf: root.appending(path: "Fixtures/sdp/chromium-data.sdp")))
        return JoinRequest(
            route: "world", peerID: nil, offer: try DataChannelDescription(offer: SessionDescription(parsing: text)))
    }

    @Test func aStoppedCaptureIsAFile() async throws {
        try await withPlane { plane, session in
            let capture = try await plane.startCapture(of: session, CaptureOptions())
            await #expect(throws: CaptureRefusal.alreadyCaptured) {
                try await plane.startCapture(of: session, CaptureOptions())
            }
            #expect(await plane.stopCapture(capture))
            #expect(await plane.stopCapture(capture) == false)
            var pieces: [CapturedBytes] = []
            for await piece in plane.captured(by: capture) { pieces.append(piece) }
            #expect(pieces.map(\.end) == [.stopped])
            #expect(pieces.first?.bytes.prefix(4) == [0x0A, 0x0D, 0x0D, 0x0A])
            var again = plane.captured(by: capture).makeAsyncIterator()
            #expect(await again.next() == nil)
        }
    }

    /// A reader that waits gets what there is at once, and the end as soon as it comes.
    @Test func aReaderHearsOfTheSessionsEnd() async throws {
        try await withPlane { plane, session in
            let capture = try await plane.startCapture(of: session, CaptureOptions())
            var pieces = plane.captured(by: capture).makeAsyncIterator()
            let first = await pieces.next()
            #expect(first?.end == nil && first?.bytes.isEmpty == false)
            async let last = plane.captured(by: capture).first { _ in true }
            #expect(await plane.leave(session) == .done)
            #expect(await last?.end == .sessionEnded(.playerLeft))
        }
    }

    /// So that a reader who is gone leaves nothing behind.
    @Test func cancellingTheReaderEndsTheCapture() async throws {
        try await withPlane { plane, session in
            let capture = try await plane.startCapture(of: session, CaptureOptions())
            var pieces = plane.captured(by: capture).makeAsyncIterator()
            _ = await pieces.next()
            let reader = Task { await plane.captured(by: capture).first { _ in true } }
            reader.cancel()
            #expect(await reader.value == nil)
            #expect(await plane.stopCapture(capture) == false)
            // It may be captured again.
            _ = try await plane.startCapture(of: session, CaptureOptions())
        }
    }

    @Test func aGatewayThatStopsEndsItsCaptures() async throws {
        var waiting: Task<CaptureEnd?, Never>?
        try await withPlane { plane, session in
            let capture = try await plane.startCapture(of: session, CaptureOptions())
            waiting = Task {
                var end: CaptureEnd?
                for await piece in plane.captured(by: capture) { end = piece.end }
                return end
            }
        }
        // Whoever asks too late learns that there is nothing.
        let end = await waiting?.value
        #expect(end == .sessionEnded(.gatewayStopping) || end == nil)
    }
}
