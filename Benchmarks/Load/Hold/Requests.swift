import BenchmarkPlayers
import Foundation
import Primitives
import Synchronization

/// HTTP requests, sent on threads of their own and answered on the one that plays.
final class Requests {
    typealias Answer = Result<HTTPReply, LoadError>

    private let threads = RequestThreads()
    private var pending: [Int: (Answer) -> Void] = [:]
    private var count = 0

    /// - Parameter then: called by `deliver`.
    func send(_ request: HTTPRequest, to address: TransportAddress, then: @escaping (Answer) -> Void) {
        count += 1
        pending[count] = then
        threads.put(count, request, address)
    }

    var isIdle: Bool { pending.isEmpty }

    func deliver() {
        for (number, answer) in threads.take() { pending.removeValue(forKey: number)?(answer) }
    }
}

private final class RequestThreads: Sendable {
    private struct Waiting {
        let number: Int
        let request: HTTPRequest
        let address: TransportAddress
    }

    private let waiting = Mutex<[Waiting]>([])
    private let answered = Mutex<[(Int, Requests.Answer)]>([])
    private let signal = DispatchSemaphore(value: 0)
    // Some requests are made to wait for seconds.
    private static let count = 12

    init() {
        for _ in 0..<Self.count { Thread.detachNewThread { [self] in work() } }
    }

    func put(_ number: Int, _ request: HTTPRequest, _ address: TransportAddress) {
        waiting.withLock { $0.append(Waiting(number: number, request: request, address: address)) }
        signal.signal()
    }

    func take() -> [(Int, Requests.Answer)] {
        answered.withLock { answered in
            defer { answered.removeAll() }
            return answered
        }
    }

    private func work() {
        while true {
            signal.wait()
            let next = waiting.withLock { $0.removeFirst() }
            let answer: Requests.Answer
            do {
                answer = .success(try next.request.send(to: next.address))
            } catch {
                answer = .failure(error as? LoadError ?? LoadError("\(error)"))
            }
            answered.withLock { $0.append((next.number, answer)) }
        }
    }
}
