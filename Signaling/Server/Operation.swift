import Gateway
import NIOHTTP1
import SDP

/// What a request asks for, once everything about it has been checked that can be without the sessions.
enum Operation: Sendable {
    case join(JoinRequest)
    case leave(SessionID, disconnectData: UInt32?)
    case status(SessionID)
    case update(SessionUpdate)
    case iceServers
    /// The answer to OPTIONS on a route, to which the STUN and TURN servers belong.
    case offerICEServers(HTTPResponse)
    case live
    case ready
    /// Whether there is such a file decides between 404 and 405, so the method goes along.
    case file(path: String, HTTPMethod)
    /// Nothing needs to be asked: a refusal, or the answer to OPTIONS.
    case respond(HTTPResponse)

    /// - Parameter node: this gateway's name, if it has one.
    init(_ request: HTTPRequest, at node: NodeName?) {
        guard let target = RequestTarget(request.target) else {
            self = .respond(
                HTTPResponse(.badRequest, "The request's path or query is malformed; percent-encode it as UTF-8."))
            return
        }
        let resource = Resource(target, at: node)
        switch (request.method, resource) {
        case (.OPTIONS, .join) where !Preflight.isMeant(by: request.headers):
            self = .offerICEServers(Preflight.response(for: resource, request.headers))
        case (.OPTIONS, _): self = .respond(Preflight.response(for: resource, request.headers))
        case (let method, .file(let path)): self = .file(path: path, method)
        case (.POST, .join(let route)): self = Self.joining(route, target.query, request)
        case (.GET, .session(let id)), (.HEAD, .session(let id)): self = .status(id)
        case (.DELETE, .session(let id)): self = Self.leaving(id, target.query)
        case (.PATCH, .session(let id)): self = Self.updating(id, request)
        case (.GET, .sessionMisnamed), (.HEAD, .sessionMisnamed), (.DELETE, .sessionMisnamed),
            (.PATCH, .sessionMisnamed):
            self = .respond(.sessionUnknown)
        case (.GET, .sessionElsewhere(let other)), (.HEAD, .sessionElsewhere(let other)),
            (.DELETE, .sessionElsewhere(let other)), (.PATCH, .sessionElsewhere(let other)):
            self = .respond(.sessionElsewhere(other))
        case (.GET, .iceServers), (.HEAD, .iceServers): self = .iceServers
        case (.GET, .live), (.HEAD, .live): self = .live
        case (.GET, .ready), (.HEAD, .ready): self = .ready
        case (let method, .join), (let method, .session), (let method, .sessionMisnamed),
            (let method, .sessionElsewhere), (let method, .iceServers), (let method, .live), (let method, .ready),
            (let method, .server):
            self = .respond(.methodNotAllowed(method, on: resource))
        }
    }

    private static func joining(
        _ route: String, _ query: [RequestTarget.Parameter], _ request: HTTPRequest
    ) -> Operation {
        guard request.headers.mediaType == "application/sdp", request.headers.hasPlainContent else {
            return .respond(.typeUnsupported)
        }
        let parameters: Parameters
        do throws(ParameterError) {
            parameters = try Parameters(query, of: .join)
        } catch {
            return .respond(HTTPResponse(.badRequest, error.sentence))
        }
        do throws(SDPError) {
            let offer = try DataChannelDescription(offer: SessionDescription(parsing: request.body))
            return .join(
                JoinRequest(
                    route: route, peerID: parameters[.peerID], connectData: parameters[.connectData], offer: offer,
                    source: request.source, wish: ServerWish(server: parameters.server)))
        } catch {
            return .respond(.offerRefused(error))
        }
    }

    private static func leaving(_ session: SessionID, _ query: [RequestTarget.Parameter]) -> Operation {
        do throws(ParameterError) {
            return .leave(session, disconnectData: try Parameters(query, of: .leave)[.disconnectData])
        } catch {
            return .respond(HTTPResponse(.badRequest, error.sentence))
        }
    }

    private static func updating(_ session: SessionID, _ request: HTTPRequest) -> Operation {
        do throws(SessionUpdateRefusal) {
            return .update(try SessionUpdate(session, request))
        } catch {
            return .respond(error.response)
        }
    }
}
