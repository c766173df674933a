import Gateway
import Impairment
import Primitives
import SimulationSupport
import Testing

@testable import DataPlane

/// Which sessions are impaired, and what becomes of their datagrams; real sessions' ids, virtual time.
@Suite(.onTheSCTPStack) struct ImpairedSessionsTests {
    private let good = Path.udp(TransportAddress(ipv4: 0xC000_0201, port: 1))
    private let bad = Path.udp(TransportAddress(ipv4: 0xC000_0201, port: 2))

    private func ids() throws -> (good: SessionID, bad: SessionID) {
        (
            try #require(SessionID(String(repeating: "1", count: 32))),
            try #require(SessionID(String(repeating: "2", count: 32)))
        )
    }

    @Test func onlyTheSessionThatAskedIsImpaired() throws {
        let (goodID, badID) = try ids()
        var sessions = ImpairedSessions(seed: 1)
        #expect(sessions.isEmpty && sessions.nextDeadline == nil)
        sessions.set(try #require(Impairment(lossPercent: 0, delay: 100)), for: badID)
        let isHeld = [UInt8](repeating: 7, count: 10).withUnsafeBytes { bytes in
            [
                sessions.hold(bytes, from: good, of: goodID, at: .zero),
                sessions.hold(bytes, from: bad, of: nil, at: .zero),
                sessions.hold(bytes, from: bad, of: badID, at: .zero),
            ]
        }
        #expect(isHeld == [false, false, true])

        var packets = AddressedPackets<Path>()
        for (byte, path) in [(UInt8(1), good), (2, bad), (3, good)] { packets.append([byte], to: path) }
        sessions.exchange(&packets, at: .zero) { $0 == good ? goodID : badID }
        #expect(sent(packets) == [1, 3])
        let due = try #require(sessions.nextDeadline)
        #expect(due >= .zero + 100 && due <= .zero + 125)

        var received = 0
        sessions.release(at: .zero + 125) { bytes, path in
            received += bytes.count
            return path == bad ? nil : .datagramFromStranger
        }
        packets.removeAll()
        packets.append([4], to: good)
        sessions.exchange(&packets, at: .zero + 125) { $0 == good ? goodID : badID }
        #expect(received == 10 && sent(packets) == [4, 2])
        #expect(sessions.report(of: goodID) == nil)
        #expect(sessions.report(of: badID)?.toBrowser == .init(datagrams: 1, dropped: 0))
    }

    @Test func anEndForgetsTheSessionAndCountsWhatItHeld() throws {
        let (_, badID) = try ids()
        var sessions = ImpairedSessions(seed: 1)
        sessions.set(try #require(Impairment(lossPercent: 50, delay: 100)), for: badID)
        for _ in 0..<100 { [UInt8(1)].withUnsafeBytes { _ = sessions.hold($0, from: bad, of: badID, at: .zero) } }
        let lost = sessions.drops[.impairmentLoss]
        #expect(lost > 20 && lost < 80)
        sessions.forget(badID)
        #expect(sessions.isEmpty && sessions.nextDeadline == nil && sessions.report(of: badID) == nil)
        #expect(sessions.drops[.impairmentLoss] == lost && sessions.drops[.sessionUnknown] == 100 - lost)
    }

    private func sent(_ packets: AddressedPackets<Path>) -> [UInt8] {
        var bytes: [UInt8] = []
        packets.forEach { packet, _ in bytes += packet }
        return bytes
    }
}
