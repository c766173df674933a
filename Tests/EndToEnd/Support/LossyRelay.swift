import Foundation
import Glibc
import Synchronization

/// A UDP relay on 127.0.0.1 that loses datagrams on their way between browsers and the gateway, either way alike.
///
/// The gateway advertises the relay's port in place of its own. What is lost follows from a seed, but not what is sent:
/// two runs are never the same.
final class LossyRelay: Sendable {
    let port: UInt16
    /// With each datagram that gets lost for its size, how large all of these were so far.
    let losses = Journal<[Int]>()
    private let listener: Int32
    private let state: Mutex<State>

    private struct State {
        var target: UInt16 = 0
        var lossPerMille = 0
        var random: SplitMix64
        var isClosed = false
        var lost = 0
        var sizeLimit = Int.max
    }

    /// Runs a relay that loses nothing until told, while `body` runs.
    static func running<Result: Sendable>(
        seed: UInt64, _ body: (LossyRelay) async throws -> Result
    ) async throws -> Result {
        let relay = try LossyRelay(seed: seed)
        defer { relay.state.withLock { $0.isClosed = true } }
        Thread.detachNewThread { relay.run() }
        return try await body(relay)
    }

    private init(seed: UInt64) throws {
        (listener, port) = try LoopbackUDP.bound()
        state = Mutex(State(random: SplitMix64(state: seed)))
    }

    /// From now on datagrams go to this port of 127.0.0.1, and this many of a thousand are lost.
    func forward(to target: UInt16, lossPerMille: Int = 0) {
        state.withLock {
            $0.target = target
            $0.lossPerMille = lossPerMille
        }
    }

    var lost: Int { state.withLock { $0.lost } }

    /// From now on whatever is larger than this many bytes is lost; with nil, nothing for its size.
    func lose(largerThan limit: Int?) {
        state.withLock { $0.sizeLimit = limit ?? .max }
    }

    private func run() {
        // By the browser's port, the socket towards the gateway.
        var upstream: [UInt16: Int32] = [:]
        defer { for descriptor in upstream.values + [listener] { close(descriptor) } }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !state.withLock({ $0.isClosed }) {
            var polled = ([listener] + upstream.values).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), 50) > 0 else { continue }
            for entry in polled where entry.revents != 0 {
                var source = sockaddr_in()
                let count = LoopbackUDP.receive(entry.fd, &buffer, from: &source)
                guard count > 0, let target = passes(count) else { continue }
                if entry.fd == listener {
                    let browser = UInt16(bigEndian: source.sin_port)
                    let descriptor = upstream[browser] ?? LoopbackUDP.connected(to: target)
                    upstream[browser] = descriptor
                    _ = send(descriptor, buffer, count, Int32(MSG_NOSIGNAL))
                } else if let browser = upstream.first(where: { $0.value == entry.fd })?.key {
                    LoopbackUDP.send(listener, buffer, count, to: LoopbackUDP.address(port: browser))
                }
            }
        }
    }

    /// The gateway's port for a datagram of this size that is not lost.
    private func passes(_ size: Int) -> UInt16? {
        guard size <= state.withLock({ $0.sizeLimit }) else {
            losses.append((losses.entries.last ?? []) + [size])
            return nil
        }
        return state.withLock { state in
            guard Int.random(in: 0..<1000, using: &state.random) >= state.lossPerMille else {
                state.lost += 1
                return nil
            }
            return state.target
        }
    }
}
