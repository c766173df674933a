import Gateway
import NIOHTTP1
import Synchronization

/// Who may join.
public struct Admission: Sendable {
    public enum Authority: Sendable {
        /// Whoever asks.
        case everyone
        /// Who has a token that somebody made whose key is known.
        case tokens(TokenAuthority)
        /// Whom a service lets in.
        case service(AdmissionService)
    }

    /// Whoever asks, from everywhere.
    public static let open = Admission(.everyone)

    let origins: AllowedOrigins
    private let authority: Authority

    /// - Parameter origins: of pages.
    public init(_ authority: Authority, origins: AllowedOrigins = .all) {
        self.authority = authority
        self.origins = origins
    }

    /// What somebody may do.
    ///
    /// - Parameter now: in seconds since 1970.
    func grant(to question: AdmissionService.Question, at now: UInt64) async throws(AdmissionRefusal) -> Grant {
        guard origins.allow(question.origin) else { throw .originNotAllowed }
        return switch authority {
        case .everyone: .unlimited
        case .tokens(let tokens): try await tokens.grant(of: question.token, at: now)
        case .service(let service): try await service.grant(to: question)
        }
    }
}

/// Who may join now, and how many could not.
public final class AdmissionInUse: Sendable {
    private struct State {
        var admission: Admission
        var refusals: [AdmissionRefusalKind: UInt64] = [:]
    }

    private let state: Mutex<State>

    public init(_ admission: Admission) {
        state = Mutex(State(admission: admission))
    }

    /// Joins from now on are asked by the new rules; sessions go on.
    public var now: Admission {
        get { state.withLock { $0.admission } }
        set { state.withLock { $0.admission = newValue } }
    }

    public var refusals: [AdmissionRefusalKind: UInt64] { state.withLock { $0.refusals } }

    func note(_ refusal: AdmissionRefusal) {
        state.withLock { $0.refusals[refusal.kind, default: 0] &+= 1 }
    }
}

extension HTTPHeaders {
    /// RFC 6750 §2.1; nil when there is none, or when it cannot be told which is meant.
    ///
    /// The other two ways of RFC 6750, in the body and in the query, are left out: URLs get into logs.
    var bearerToken: String? {
        let values = self["authorization"]
        guard values.count == 1, let value = values.first else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        // RFC 9110 §11.1: the scheme's name is case-insensitive.
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1].drop { $0 == " " })
    }
}
