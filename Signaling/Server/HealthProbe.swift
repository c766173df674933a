import NIOCore
import Primitives
import TLS

/// Why a gateway is not taken for well. The description goes on a sentence that names the gateway.
public enum HealthFailure: Error, Equatable, CustomStringConvertible {
    case late
    case unreachable(String)
    case refused(status: UInt, String)

    public var description: String {
        switch self {
        case .late: "it did not answer in time."
        case .unreachable(let cause): "\(cause)."
        case .refused(let status, let sentence): sentence.isEmpty ? "it answered \(status)." : sentence
        }
    }
}

/// Asks a gateway whether it is well, as a health check does.
public struct HealthProbe: Sendable {
    public enum Question: String, Sendable {
        /// Whether the process runs.
        case live = "/health/live"
        /// Whether new players should be sent there.
        case ready = "/health/ready"
    }

    private let host: String
    private let port: UInt16
    private let timeout: Milliseconds
    private let isSecure: Bool

    // Our choice: a gateway's own answers are shorter, and what listens there may be something else.
    private static let longestAnswer = 4096
    private static let longestSentence = 300

    /// - Parameters:
    ///   - timeout: for all of it, from connecting to the answer's end.
    ///   - isSecure: whether the gateway speaks TLS. Its certificate is not verified: it is not for the address that is asked.
    public init(host: String, port: UInt16, timeout: Milliseconds, isSecure: Bool = false) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.timeout = timeout
    }

    /// Returns when the answer is 200.
    public func ask(_ question: Question) async throws(HealthFailure) {
        let answer: ServiceCall.Answer
        do {
            answer = try await call(question).get()
        } catch let failure as ServiceFailure {
            throw failure == .late ? .late : .unreachable(failure.description)
        } catch {
            throw .unreachable("\(error)")
        }
        guard answer.status != 200 else { return }
        let line = String(decoding: answer.body, as: UTF8.self).prefix { !$0.isNewline }
        throw .refused(status: answer.status, String(line.prefix(Self.longestSentence)))
    }

    private func call(_ question: Question) throws -> ServiceCall {
        ServiceCall(
            address: ServiceAddress(isSecure: isSecure, host: host, port: port, target: question.rawValue),
            trust: try .unverifiedClient(), timeout: .nanoseconds(Int64(clamping: timeout.nanoseconds)),
            longest: Self.longestAnswer)
    }
}
