import Gateway
import SDP
import SimulationSupport

/// Joins for which nobody comes: a gateway keeps them for `GatewayConfiguration.joinTimeout`.
enum Waiting {
    /// Prints what one of `count` costs.
    static func measure(_ count: Int) throws {
        // With SNAP the association is there from the start.
        let snap = "a=sctp-init:AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLA"
        // The first make what is made once.
        _ = try (bytesPerJoin(10, lines: []), bytesPerJoin(10, lines: [snap]))
        for (name, lines, limit) in [("without SNAP", [], 3_300), ("with SNAP", [snap], 12_000)] {
            let bytes = try bytesPerJoin(count, lines: lines)
            JoinMemory.say("\(name): \(bytes) bytes a join")
            guard bytes <= limit else { throw Failure(description: "\(limit) are allowed") }
        }
    }

    /// - Parameter lines: what the offers say besides what every offer says.
    private static func bytesPerJoin(_ count: Int, lines: [String]) throws -> Int {
        let world = try SimulatedWorld(seed: 1) { $0.sessionLimit = count }
        let browser = try world.makeBrowser()
        browser.furtherLines = lines
        let offer = try DataChannelDescription(offer: SessionDescription(parsing: browser.makeOffer()))
        let before = JoinMemory.heap
        for _ in 0..<count {
            var outbox = Outbox()
            let request = JoinRequest(route: "godot", peerID: nil, offer: offer)
            _ = try world.core.join(request, at: world.now, into: &outbox)
        }
        return (JoinMemory.heap - before) / count
    }
}
