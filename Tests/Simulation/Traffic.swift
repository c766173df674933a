import ENet
import Gateway
import Primitives
import SimulationSupport
import Testing

/// One player's traffic in both directions over all lanes of its profile.
final class Traffic {
    let browser: SimulatedBrowser
    let session: SessionID
    let lanes: [Lane]
    let peerID: UInt32
    private(set) var toServer: [LaneLog]
    private(set) var toBrowser: [LaneLog]
    private var takenFromBrowser = 0
    private var takenFromServer = 0

    init(browser: SimulatedBrowser, session: SessionID, peerID: UInt32, lanes: [Lane]) {
        self.browser = browser
        self.session = session
        self.peerID = peerID
        self.lanes = lanes
        toServer = Array(repeating: LaneLog(), count: lanes.count)
        toBrowser = Array(repeating: LaneLog(), count: lanes.count)
    }

    func sendToServer(lane index: Int, size: Int) {
        let lane = lanes[index]
        let bytes = toServer[index].next(tag: lane.tag, size: size)
        browser.send(bytes, stream: lane.stream, unordered: lane.isUnordered, reliability: lane.reliability)
    }

    /// What ENet does not take counts as never sent.
    func sendToBrowser(lane index: Int, size: Int, from server: SimulatedServer) {
        guard let player = server.player(peerID) else { return }
        let lane = lanes[index]
        var log = toBrowser[index]
        let bytes = log.next(tag: lane.tag, size: size)
        guard server.send(bytes, channel: lane.channel, lane.delivery, to: player) == .queued else { return }
        toBrowser[index] = log
    }

    /// Takes into account what arrived since the last call.
    func collect(from server: SimulatedServer) {
        for message in browser.received[takenFromBrowser...] {
            guard let index = lanes.firstIndex(where: { $0.tag == message.payload.first }) else { continue }
            toBrowser[index].receive(message.payload, lane: lanes[index])
        }
        takenFromBrowser = browser.received.count
        let received = server.received[peerID] ?? []
        for packet in received[takenFromServer...] {
            guard let index = lanes.firstIndex(where: { $0.tag == packet.bytes.first }) else { continue }
            toServer[index].receive(packet.bytes, lane: lanes[index])
        }
        takenFromServer = received.count
    }

    var reliableIsComplete: Bool {
        lanes.indices.allSatisfy { !lanes[$0].isReliable || (toServer[$0].isComplete && toBrowser[$0].isComplete) }
    }

    var complaints: [String] {
        lanes.indices.flatMap { index in
            [toServer[index].complaint.map { "to server, lane \(index): \($0)" }]
                + [toBrowser[index].complaint.map { "to browser, lane \(index): \($0)" }]
        }.compactMap { $0 }
    }

    var progress: String {
        lanes.indices.map { index in
            "\(index): \(toServer[index].received)/\(toServer[index].sent) up,"
                + " \(toBrowser[index].received)/\(toBrowser[index].sent) down"
        }.joined(separator: "; ")
    }
}
