import BenchmarkPlayers
import Foundation
import Synchronization

/// Answers to offers, from the threads that wait for them to the one that plays.
final class Answers: Sendable {
    private let arrived = Mutex<[(player: Int, answer: Result<String, LoadError>)]>([])

    func put(_ player: Int, _ answer: Result<String, LoadError>) {
        arrived.withLock { $0.append((player, answer)) }
    }

    func take() -> [(player: Int, answer: Result<String, LoadError>)] {
        arrived.withLock { arrived in
            defer { arrived.removeAll() }
            return arrived
        }
    }

    /// Posts the offers on a few threads. Who has its answer begins at once, for the gateway does not wait long.
    func ask(_ url: JoinURL, _ offers: [(player: Int, offer: String)]) {
        for thread in 0..<Self.threads {
            let mine = offers.indices.filter { $0 % Self.threads == thread }.map { offers[$0] }
            Thread.detachNewThread { [self] in
                for (player, offer) in mine {
                    do {
                        put(player, .success(try url.answer(to: offer)))
                    } catch {
                        put(player, .failure(error as? LoadError ?? LoadError("\(error)")))
                    }
                }
            }
        }
    }

    private static let threads = 8
}
