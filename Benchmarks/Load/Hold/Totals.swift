/// What the players have seen, all together.
struct Totals {
    var joins = 0
    /// Joins that got no session, by the status they got.
    var refusals: [String: Int] = [:]
    var statesSent = 0
    var statesArrived = 0
    var foreign = 0
    var reliableSent = 0
    var reliableArrived = 0
    var faults = ReliableLedger.Faults()
    /// Reliable messages that were under way when their session ended, by the end's reason.
    var underWay: [String: Int] = [:]
    /// Ends, by what the player had planned and what the gateway says.
    var ends: [String: Int] = [:]
    var reachedPlay = 0
    var moves = 0
    var nativeJoins = 0
    var nativeArrived = 0
    /// What should not have been, a sentence each.
    var problems: [String] = []

    mutating func add(_ player: HoldPlayer) {
        statesSent += player.states.sent
        statesArrived += player.states.arrived
        foreign += player.states.foreign
        reliableSent += player.ledger.sent
        reliableArrived += player.ledger.arrived
        faults += player.ledger.faults
    }
}
