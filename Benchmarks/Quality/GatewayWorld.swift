import ENet
import Gateway
import Primitives
import SCTP
import SimulationSupport

/// Browsers at the far end of a link, the gateway beside the server.
final class GatewayWorld {
    private let world: SimulatedWorld
    private let link: LinkConditions
    private let players: Int
    private var browsers: [SimulatedBrowser] = []
    private(set) var transferredBytes = 0
    private(set) var seconds = 0.0

    init(players: Int, link: LinkConditions) throws {
        self.players = players
        self.link = link
        var configuration = ServerConfiguration()
        configuration.maximumPeers = 2 * players
        world = try SimulatedWorld(seed: 1, serverConfiguration: configuration)
        world.network.links[SimulatedWorld.serverAddress.host] = LinkConditions(delay: 0)
        for _ in 0..<players {
            let browser = try world.makeBrowser(channels: [
                .init(0, label: "0"), .init(2, label: "1", ordered: false, limit: .retransmissions(0)),
                .init(4, label: "2"),
            ])
            let godot = try world.makeBrowser()
            for each in [browser, godot] { world.network.links[each.address.host] = link }
            guard world.play([try world.join(browser, route: "plain").session, try world.join(godot).session]) else {
                preconditionFailure("A player did not come in.")
            }
            browsers += [browser, godot]
        }
    }

    /// Each plain player sends state and gets it back; Godot's do so instead where the state is sent their way.
    func play(_ kind: Kind, beside transfer: Transfer = .none) -> RoundTrips {
        var trips = RoundTrips()
        let chosen = browsers.enumerated().filter { $0.offset % 2 == (kind == .godot ? 1 : 0) }.map(\.element)
        let start = world.now
        var taken = [Int](repeating: 0, count: chosen.count)
        var nextTransfer = start
        for round in 0..<400 {
            for (index, browser) in chosen.enumerated() {
                world.run(for: Milliseconds(nanoseconds: 50_000_000 / UInt64(chosen.count)))
                send(kind, from: browser)
                trips.noteSent()
                collect(browser, &taken[index], into: &trips)
            }
            guard transfer != .none else { continue }
            // 10 Mbit/s: 76.3 messages of 16 KiB a second, in bursts of 50 ms.
            while nextTransfer <= world.now, transfer != .toServer || chosen[0].bufferedAmount < Self.pageBuffer {
                transferOne(transfer, chosen[0])
                nextTransfer = nextTransfer + Milliseconds(nanoseconds: 13_107_200)
            }
            if round % 20 == 0 { countTransferred(transfer, chosen[0]) }
        }
        seconds = Double(world.now.since(start).nanoseconds) / 1_000_000_000
        countTransferred(transfer, chosen[0])
        world.run(for: 5_000)
        for (index, browser) in chosen.enumerated() { collect(browser, &taken[index], into: &trips) }
        return trips
    }

    private func send(_ kind: Kind, from browser: SimulatedBrowser) {
        let message = State.message(at: world.now)
        switch kind {
        case .unreliable: browser.send(message, stream: 2, unordered: true, reliability: .retransmissions(0))
        case .reliable: browser.send(message, stream: 0)
        case .godot: browser.send(message, stream: 2)
        }
    }

    private func collect(_ browser: SimulatedBrowser, _ taken: inout Int, into trips: inout RoundTrips) {
        for received in browser.received[taken...] {
            if let sentAt = State.sentAt(received.payload) { trips.note(received.at.since(sentAt)) }
        }
        taken = browser.received.count
    }

    /// Bytes a page that transfers a file keeps in its channel's buffer, by `bufferedAmountLowThreshold`.
    private static let pageBuffer = 64 * 1024
    private static let piece = [UInt8](repeating: 1, count: 16 * 1024)

    /// The server sends back what it gets, so a transfer there is one to the page, too; it goes to a channel of its own.
    private func transferOne(_ transfer: Transfer, _ browser: SimulatedBrowser) {
        if transfer == .toServer {
            browser.send(Self.piece, stream: 4)
        } else if let player = world.server.player(0) {
            world.server.send(Self.piece, channel: 2, .reliable, to: player)
        }
    }

    private func countTransferred(_ transfer: Transfer, _ browser: SimulatedBrowser) {
        switch transfer {
        case .none: transferredBytes = 0
        case .toServer:
            transferredBytes = (world.server.received[0] ?? []).count { $0.channel == 2 } * Self.piece.count
        case .toBrowser: transferredBytes = browser.received.count { $0.stream == 4 } * Self.piece.count
        }
    }
}
