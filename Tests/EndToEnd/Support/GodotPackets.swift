/// What `--observe` shows of the packets that reach a Godot 4 program: "MODE CHANNEL", as its real peer reported them.
extension ServerProgram {
    /// Waits for a packet from a peer that arrived so.
    func packet(
        from peer: Int, arrivingAs arrival: String,
        where wanted: @escaping @Sendable (JSONValue) -> Bool = { _ in true }
    ) async throws {
        try await event("packet") { Self.arrival($0, from: peer) == arrival && wanted($0) }
    }

    /// How its packets have arrived so far.
    func arrivals(from peer: Int, where wanted: (JSONValue) -> Bool = { _ in true }) -> Set<String> {
        Set(events("packet").filter(wanted).compactMap { Self.arrival($0, from: peer) })
    }

    private static func arrival(_ packet: JSONValue, from peer: Int) -> String? {
        guard packet["direction"].string == "in", packet["peer"].int == peer else { return nil }
        return "\(packet["mode"].string ?? "?") \(packet["channel"].int ?? -1)"
    }
}
