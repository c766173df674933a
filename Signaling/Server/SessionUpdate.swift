import Gateway
import NIOHTTP1
import SDP

/// A PATCH on a session: candidates that trickle in, or an ICE restart (RFC 9725 §4.3).
struct SessionUpdate: Sendable, Equatable {
    static let mediaType = "application/trickle-ice-sdpfrag"

    let session: SessionID
    let fragment: ICEFragment
    /// The ICE session it is for; nil for whichever there is.
    let iceTag: String?

    /// Reads the request; the error is the response that refuses it.
    init(_ session: SessionID, _ request: HTTPRequest) throws(SessionUpdateRefusal) {
        guard request.headers.mediaType == Self.mediaType, request.headers.hasPlainContent else {
            throw .typeUnsupported
        }
        let conditions = request.headers[canonicalForm: "if-match"]
        guard let condition = conditions.first else { throw .conditionMissing }
        guard conditions.count == 1, let tag = Self.tag(String(condition)) else { throw .conditionMalformed }
        self.session = session
        iceTag = tag.isEmpty ? nil : tag
        do throws(SDPError) {
            fragment = try ICEFragment(parsing: request.body)
        } catch {
            throw .fragment(error)
        }
    }

    /// `"TAG"` as its text, `*` as the empty text, anything else as nil (RFC 9110 §13.1.1; a strong comparison, so a
    /// weak tag matches nothing).
    private static func tag(_ condition: String) -> String? {
        if condition == "*" { return "" }
        guard condition.count > 2, condition.hasPrefix("\""), condition.hasSuffix("\"") else { return nil }
        let tag = condition.dropFirst().dropLast()
        return tag.contains("\"") ? nil : String(tag)
    }
}

enum SessionUpdateRefusal: Error {
    case typeUnsupported
    case conditionMissing
    case conditionMalformed
    case fragment(SDPError)

    var response: HTTPResponse {
        switch self {
        case .typeUnsupported:
            HTTPResponse(
                .unsupportedMediaType,
                "The body must be an SDP fragment, sent with Content-Type: \(SessionUpdate.mediaType) and uncompressed.",
                headers: ["Accept-Patch": SessionUpdate.mediaType])
        case .conditionMissing:
            HTTPResponse(
                .preconditionRequired,
                "The request needs If-Match with the ETag of the session's last answer, or * to restart ICE anyway.")
        case .conditionMalformed:
            HTTPResponse(.badRequest, "If-Match must be one ETag in double quotes, as the answer had it, or *.")
        case .fragment(let error):
            Self.refusal(of: error)
        }
    }
}

extension SessionUpdateRefusal {
    private static func refusal(of error: SDPError) -> HTTPResponse {
        let place = error.line.map { "Line \($0) of the fragment" } ?? "The fragment"
        return HTTPResponse(
            error.kind == .unparsable ? .badRequest : .unprocessableEntity,
            "\(place) cannot be taken: \(error.sentence).")
    }
}

extension HTTPResponse {
    static func sessionUpdated(_ update: ICEUpdate) -> HTTPResponse {
        switch update {
        case .candidatesNoted:
            return HTTPResponse(.noContent)
        case .restarted(let sdp, let iceTag):
            let headers: HTTPHeaders = [
                "Content-Type": SessionUpdate.mediaType, "ETag": "\"\(iceTag)\"", "Cache-Control": "no-store",
            ]
            return HTTPResponse(.ok, headers: headers, body: Array(sdp.utf8))
        }
    }

    static func updateRefused(_ refusal: UpdateRefusal) -> HTTPResponse {
        switch refusal {
        case .sessionUnknown: .sessionUnknown
        case .outdated:
            HTTPResponse(
                .preconditionFailed,
                "The ICE session of this If-Match has been restarted since; send the ETag of the last answer.")
        }
    }
}
