import Gateway
import Primitives
import SimulationSupport

/// One player's messages: what both ends sent and received, and what the session counted between them.
struct TrafficCount {
    private let toServer: (sent: UInt64, received: UInt64)
    private let toBrowser: (sent: UInt64, received: UInt64)
    private let counters: SessionCounters

    init(of player: Traffic, _ counters: SessionCounters) {
        func sum(_ logs: [LaneLog]) -> (sent: UInt64, received: UInt64) {
            logs.reduce((0, 0)) { ($0.0 + UInt64($1.sent), $0.1 + UInt64($1.received)) }
        }
        toServer = sum(player.toServer)
        toBrowser = sum(player.toBrowser)
        self.counters = counters
    }

    /// Messages that came in and went no further; the other reasons are of what is no message yet.
    private var dropped: UInt64 {
        let reasons: [DropReason] = [
            .channelClosed, .messageTooLarge, .messageWithoutCounterpart, .messageStale, .messageQueueFull,
            .messageRateExceeded,
            .sessionEnding,
        ]
        return reasons.reduce(0) { $0 + counters.drops[$1] }
    }

    /// What is wrong on any network: nobody receives what was not carried, nothing is carried or dropped that was not sent,
    /// nothing twice.
    var contradictions: [String] {
        let isSound =
            toServer.received <= counters.messagesToServer && counters.messagesToServer <= toServer.sent
            && toBrowser.received <= counters.messagesToBrowser && counters.messagesToBrowser <= toBrowser.sent
            && counters.messagesToServer + counters.messagesToBrowser + dropped <= toServer.sent + toBrowser.sent
        return isSound ? [] : ["the counters contradict the ends: \(description)"]
    }

    /// What is wrong on a network that loses nothing: all that was sent was delivered or counted as dropped.
    var losses: [String] {
        let carried = counters.messagesToServer + counters.messagesToBrowser
        let isWhole =
            toServer.sent + toBrowser.sent == carried + dropped
            && toServer.received == counters.messagesToServer && toBrowser.received == counters.messagesToBrowser
        return isWhole ? [] : ["uncounted: \(description)"]
    }

    /// What is wrong when only the server's leg loses: all that a page sent was given to ENet or counted as dropped, and
    /// the page got all it was sent.
    var lossesBeforeTheServersLeg: [String] {
        let isWhole =
            toServer.sent <= counters.messagesToServer + dropped && toBrowser.received == counters.messagesToBrowser
        return isWhole ? [] : ["uncounted before the server's leg: \(description)"]
    }

    private var description: String {
        "to the server \(toServer.sent) sent, \(counters.messagesToServer) carried, \(toServer.received) received;"
            + " to the browser \(toBrowser.sent) sent, \(counters.messagesToBrowser) carried,"
            + " \(toBrowser.received) received; dropped \(counters.drops.nonZero)"
    }
}
