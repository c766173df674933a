import Gateway
import NIOHTTP1
import SDP

/// What is said to requests that cannot be met: the status for programs, one sentence for people.
extension HTTPResponse {
    static let sessionUnknown = HTTPResponse(
        .notFound, "There is no such session; it ended some time ago, or the id is wrong.")

    static func sessionElsewhere(_ node: NodeName) -> HTTPResponse {
        HTTPResponse(
            .notFound,
            "The session is of the gateway named \(node); let the load balancer send /session/\(node). to it.")
    }

    static let sourceContradictory = HTTPResponse(
        .badRequest,
        "The request has both Forwarded and X-Forwarded-For; let the proxy that sets one of them remove the other.")

    static let typeUnsupported = HTTPResponse(
        .unsupportedMediaType,
        "The body must be an SDP offer, sent with Content-Type: application/sdp and uncompressed.",
        headers: ["Accept-Post": "application/sdp"])

    static func methodNotAllowed(_ method: HTTPMethod, on resource: Resource) -> HTTPResponse {
        HTTPResponse(
            HTTPResponseStatus.methodNotAllowed,
            "\(method.rawValue) is not possible here; use \(resource.methodsInWords).",
            headers: ["Allow": resource.allow])
    }

    static func fileUnknown(hasSite: Bool, path: String) -> HTTPResponse {
        guard path == "/", !hasSite else {
            return HTTPResponse(.notFound, "There is nothing at this path; players join at /join/ROUTE.")
        }
        return HTTPResponse(
            .notFound,
            "This is Torii, which takes browsers' data channels to ENet game servers; a page joins by POST to /join/ROUTE."
        )
    }

    static func offerRefused(_ error: SDPError) -> HTTPResponse {
        let place = error.line.map { "Line \($0) of the offer" } ?? "The offer"
        return HTTPResponse(
            error.kind == .unparsable ? .badRequest : .unprocessableEntity,
            "\(place) cannot be taken: \(error.sentence).")
    }

    static func bodyTooLarge(limit: Int) -> HTTPResponse {
        HTTPResponse(
            .payloadTooLarge,
            "The body is larger than \(limit) bytes; send a smaller one, like an offer with fewer media sections.")
    }

    static func left(_ leaving: Leaving) -> HTTPResponse {
        switch leaving {
        case .done: HTTPResponse(.ok)
        case .sessionUnknown: .sessionUnknown
        case .disconnectDataNotUsed:
            HTTPResponse(
                .badRequest,
                "disconnect_data is for routes with profile=channels, which the session's has not; leave it out.")
        }
    }

    static func joinRefused(_ refusal: JoinRefusal) -> HTTPResponse {
        switch refusal {
        case .routeUnknown:
            HTTPResponse(.notFound, "There is no route of this name; the gateway's --route options name them.")
        case .peerIDOutOfRange: HTTPResponse(.badRequest, ParameterError.outOfRange(.peerID).sentence)
        case .peerIDNotUsed:
            HTTPResponse(
                .badRequest, "Players on this route have no peer_id, as its profile is not Godot's; leave it out.")
        case .connectDataNotUsed:
            HTTPResponse(
                .badRequest, "connect_data is for routes with profile=channels, which this one has not; leave it out.")
        case .peerIDTaken(let id):
            HTTPResponse(.conflict, "Another player on this route has the peer_id \(id); choose another.")
        case .noServer(let obstacle): .noServer(obstacle)
        case .serverUnknown:
            HTTPResponse(
                .notFound, "The route has no game server of this name that may be asked for; leave server out for any.")
        case .serverChoiceNotAllowed:
            HTTPResponse(.badRequest, "This route chooses the game server itself; leave server out.")
        case .full:
            HTTPResponse(
                .serviceUnavailable, "The gateway has as many players as it may; try again in a few seconds.",
                headers: ["Retry-After": String(Limits.retryWhenFull)])
        case .tooManyJoins:
            HTTPResponse(
                .tooManyRequests, "Too many joins come from your address; try again in a few seconds.",
                headers: ["Retry-After": String(Limits.retryWhenFull)])
        case .tooManySessions:
            HTTPResponse(
                .tooManyRequests, "As many players as may play from your address; try again when one has left.",
                headers: ["Retry-After": String(Limits.retryWhenFull)])
        case .tooManyJoinsOverall:
            HTTPResponse(
                .serviceUnavailable, "Too many players are joining at the moment; try again in a few seconds.",
                headers: ["Retry-After": String(Limits.retryWhenFull)])
        case .shortage(.descriptors):
            HTTPResponse(
                .serviceUnavailable, "The gateway has too many files and sockets open; try again in a few seconds.",
                headers: ["Retry-After": String(Limits.retryWhenFull)])
        case .shortage(.memory):
            HTTPResponse(
                .serviceUnavailable,
                "The gateway has too little memory left for new players; try again in a few seconds.",
                headers: ["Retry-After": String(Limits.retryWhenFull)])
        case .draining:
            HTTPResponse(
                .serviceUnavailable, "The gateway takes no new players now; try again in a moment.",
                headers: ["Retry-After": String(Limits.retryWhenDraining)])
        case .stopping:
            HTTPResponse(
                .serviceUnavailable, "The gateway is stopping; try again when it is back.",
                headers: ["Retry-After": String(Limits.retryWhenStopping)])
        }
    }
}

extension HTTPResponse {
    fileprivate static func noServer(_ obstacle: ServerObstacle) -> HTTPResponse {
        let sentence =
            switch obstacle {
            case .noneKnown: "The route has no game server at the moment; try again in a few seconds."
            case .noneHealthy: "None of the route's game servers answers at the moment; try again in a few seconds."
            case .allFull: "The route's game servers have as many players as they may; try again in a few seconds."
            case .chosenIsDown:
                "The game server you asked for does not answer at the moment; leave server out for another."
            case .chosenIsFull:
                "The game server you asked for has as many players as it may; leave server out for another."
            }
        return HTTPResponse(
            .serviceUnavailable, sentence, headers: ["Retry-After": String(Limits.retryWhenFull)])
    }
}

extension Resource {
    /// `GET, HEAD or DELETE`; OPTIONS is for browsers.
    fileprivate var methodsInWords: String {
        let words = methods.filter { $0 != .OPTIONS }.map(\.rawValue)
        guard let last = words.last, words.count > 1 else { return words.first ?? "OPTIONS" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}
