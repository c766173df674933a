import ENet
import Primitives
import SimulationSupport

/// Native ENet players at the far end of the same link, without a gateway.
final class DirectWorld {
    private static let server = TransportAddress(ipv4: 0xC633_6401, port: 7777)

    private var now = Instant(nanoseconds: 3_000_000_321)
    private var network = SimulatedNetwork(random: SeededRandom(seed: 1))
    private let server: SimulatedServer
    private var players: [TransportAddress: ClientHost] = [:]
    private var trips = RoundTrips()

    init(players count: Int, link: LinkConditions) throws {
        var random = SeededRandom(seed: 2)
        var server = ServerConfiguration()
        server.maximumPeers = count
        self.server = SimulatedServer(address: Self.server, random: &random, configuration: server)
        for number in 0..<count {
            var configuration = ClientConfiguration()
            configuration.connectData = UInt32(number + 2)
            let address = TransportAddress(ipv4: 0xCB00_7101 + UInt32(number), port: 40_000)
            network.links[address.host] = link
            let player = ClientHost(configuration: configuration, random: &random)
            player.connect(at: now)
            players[address] = player
        }
        run(for: 5_000)
        guard players.values.allSatisfy(\.isAccepted) else { preconditionFailure("A player did not come in.") }
    }

    func play(_ kind: Kind) -> RoundTrips {
        let channel: UInt8 = kind == .reliable ? 0 : 1
        for _ in 0..<400 {
            for player in players.values {
                run(for: Milliseconds(nanoseconds: 50_000_000 / UInt64(players.count)))
                State.message(at: now).withUnsafeBytes {
                    _ = player.send($0, channel: channel, delivery: kind.delivery, at: now)
                }
                trips.noteSent()
            }
        }
        run(for: 5_000)
        return trips
    }

    private func run(for span: Milliseconds) {
        let end = now + span
        settle()
        while true {
            let deadlines = [network.nextDue, server.nextDeadline] + players.values.map(\.nextDeadline)
            guard let next = deadlines.compactMap({ $0 }).min(), next <= end else { break }
            now = max(now, next)
            while let datagram = network.next(at: now) {
                if datagram.destination == Self.server {
                    server.receive(datagram.bytes, from: datagram.source, at: now)
                } else {
                    datagram.bytes.withUnsafeBytes { try? players[datagram.destination]?.receive($0, at: now) }
                }
            }
            settle()
        }
        now = end
    }

    private func settle() {
        for (address, player) in players {
            if let deadline = player.nextDeadline, deadline <= now { player.advance(to: now) }
            while let event = player.nextEvent(at: now) {
                guard case .packet(let packet) = event, let sentAt = State.sentAt(Array(packet.payload)) else {
                    continue
                }
                trips.note(now.since(sentAt))
            }
            player.flush(at: now)
            player.outgoing.forEach { network.send(Array($0), from: address, to: Self.server, at: now) }
            player.outgoing.removeAll()
        }
        server.settle(at: now) { bytes, destination in
            network.send(bytes, from: Self.server, to: destination, at: now)
        }
    }
}
