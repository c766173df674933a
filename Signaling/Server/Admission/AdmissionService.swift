import JOSE
import NIOCore
import Primitives
import Synchronization
import TLS

/// A service of the operator's own that is asked, for each join, whether it may be.
///
/// It gets a POST with a JSON object, and answers 200 with what a token's claim `torii` could say, or nothing; or 401 or 403 and a
/// sentence for the player. Whatever else it answers, or does not, is its failure, and nobody joins.
public final class AdmissionService: Sendable {
    /// What it is told.
    struct Question: Sendable {
        /// Nil where somebody asks for the TURN servers, and not yet to join.
        var route: String?
        var source: TransportAddress?
        var origin: String?
        var token: String?
        var peerID: UInt32?
        var connectData: UInt32?
    }

    // Our choice.
    /// Questions at once; more joins are turned away, so that a slow service makes no queue.
    static let limit = 64
    /// Bytes of an answer.
    private static let longestAnswer = 8192
    /// Characters of a sentence that is handed on.
    private static let longestSentence = 300

    private let call: ServiceCall
    private let report: @Sendable (String) -> Void
    private let underWay = Mutex(0)

    /// - Parameters:
    ///   - trust: what `https` is verified by.
    ///   - timeout: seconds for one answer.
    ///   - report: takes a sentence each time there is none that can be used.
    public init(
        at address: ServiceAddress, trust: TLSContext, timeout: Int, report: @escaping @Sendable (String) -> Void
    ) {
        call = ServiceCall(
            address: address, trust: trust, timeout: .seconds(Int64(timeout)), longest: Self.longestAnswer)
        self.report = report
    }

    func grant(to question: Question) async throws(AdmissionRefusal) -> Grant {
        let isFree = underWay.withLock { count in
            guard count < Self.limit else { return false }
            count += 1
            return true
        }
        guard isFree else { throw .serviceBusy }
        defer { underWay.withLock { $0 -= 1 } }
        let answer: ServiceCall.Answer
        do throws(ServiceFailure) {
            answer = try await call.post(Array(question.json.utf8), type: "application/json")
        } catch {
            throw failure("\(error)")
        }
        switch answer.status {
        case 200, 204: return try grant(in: answer.body)
        case 401: throw .serviceRefused(isForbidden: false, Self.sentence(in: answer.body))
        case 403: throw .serviceRefused(isForbidden: true, Self.sentence(in: answer.body))
        default: throw failure("it answered \(answer.status)")
        }
    }

    private func grant(in body: [UInt8]) throws(AdmissionRefusal) -> Grant {
        guard !body.isEmpty else { return .unlimited }
        guard let json = JSON(parsing: body) else { throw failure("its answer is no JSON") }
        do throws(GrantFault) {
            return try Grant(json)
        } catch {
            throw failure(
                "its answer has \(error.member.map(ParameterError.quoted) ?? "no object"), which cannot be used")
        }
    }

    private func failure(_ cause: String) -> AdmissionRefusal {
        report("the service that decides who may join cannot be used: \(cause); until then nobody can join")
        return .serviceFailed
    }

    /// The first line, as far as it can be shown; nil when there is none.
    private static func sentence(in body: [UInt8]) -> String? {
        let line = String(decoding: body, as: UTF8.self).prefix { !$0.isNewline }.prefix(longestSentence)
        let shown = line.unicodeScalars.filter { $0.properties.generalCategory != .control }
        return shown.isEmpty ? nil : String(String.UnicodeScalarView(shown))
    }
}

extension AdmissionService.Question {
    /// RFC 8259
    fileprivate var json: String {
        let texts = [
            ("route", route), ("address", source?.host), ("origin", origin), ("token", token),
        ].map { name, value in #""\#(name)":\#(value.map(StatusDocument.quoted) ?? "null")"# }
        let numbers = [("peer_id", peerID), ("connect_data", connectData)]
            .map { name, value in #""\#(name)":\#(value.map { "\($0)" } ?? "null")"# }
        return "{\((texts + numbers).joined(separator: ","))}"
    }
}
