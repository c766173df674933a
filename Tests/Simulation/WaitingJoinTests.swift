import Foundation
import Gateway
import Primitives
import SDP
import SimulationSupport
import Testing

private let joins = ProcessInfo.processInfo.environment["TORII_WAITING_JOINS"].flatMap { Int($0) }

/// `TORII_WAITING_JOINS=1000 swift test --filter WaitingJoinTests`: what joins cost in memory for which nobody comes,
/// without and with SNAP, whose association is there from the start. It prints and asserts nothing.
@Suite(.onTheSCTPStack, .enabled(if: joins != nil, "TORII_WAITING_JOINS says how many")) struct WaitingJoinTests {
    @Test func whatTheyCost() throws {
        let joins = try #require(joins)
        // The first of each kind makes what is made once.
        for measured in [false, true] {
            for line in ["", "a=sctp-init:AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLA\r\n"] {
                let world = try SimulatedWorld(seed: 1) { $0.sessionLimit = joins }
                let text = try world.makeBrowser().makeOffer() + line
                let offer = try DataChannelDescription(offer: SessionDescription(parsing: text))
                let before = try residentBytes()
                for _ in 0..<(measured ? joins : 10) {
                    var outbox = Outbox()
                    _ = try world.core.join(
                        JoinRequest(route: "godot", peerID: nil, offer: offer), at: world.now, into: &outbox)
                }
                let bytes = try residentBytes() - before
                if measured { print("\(line.isEmpty ? "without" : "with") SNAP: \(bytes / joins) bytes a join") }
            }
        }
    }

    private func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
