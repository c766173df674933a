import Gateway
import NIOHTTP1

/// Turns requests into responses by asking the sessions and the site.
struct Service: HTTPResponder {
    let control: any SessionControl
    let site: StaticSite?
    /// This gateway's name among others, if it has one.
    var node: NodeName?
    var iceServers = ICEServersInUse(.none)
    var admission = AdmissionInUse(.open)
    /// Nil but in the demo.
    var impairment: ImpairmentResource?
    /// Seconds since 1970.
    var time = ICEServers.now

    func standardHeaders(for origin: String?) -> HTTPHeaders {
        var headers = admission.now.origins.headers(for: origin)
        headers.add(contentsOf: HTTPResponse.standardHeaders)
        return headers
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        if let response = await impairment?.respond(to: request) { return response }
        return switch Operation(request, at: node) {
        case .join(let join): await respond(toJoin: join, request)
        case .leave(let id, let data): .left(await control.leave(id, disconnectData: data))
        case .status(let id): await status(of: id)
        case .update(let update): await respond(toUpdate: update)
        case .iceServers: await listICEServers(request)
        case .offerICEServers(let response): await offerICEServers(response, request)
        case .live: HTTPResponse(.ok, "The gateway is running.")
        case .ready: await readiness()
        case .file(let path, let method): file(path, method, request.headers)
        case .respond(let response): response
        }
    }

    private func respond(toJoin request: JoinRequest, _ http: HTTPRequest) async -> HTTPResponse {
        do throws(AdmissionRefusal) {
            var question = AdmissionService.Question(http)
            (question.route, question.peerID) = (request.route, request.peerID)
            question.connectData = request.connectData
            let grant = try await admission.now.grant(to: question, at: time())
            return await respond(toAdmitted: try request.granted(by: grant))
        } catch {
            admission.note(error)
            return error.response
        }
    }

    private func respond(toAdmitted request: JoinRequest) async -> HTTPResponse {
        do throws(JoinRefusal) {
            let answer = try await control.join(request)
            var headers: HTTPHeaders = [
                "Content-Type": "application/sdp",
                "Location": "/session/\(SessionName(node: node, id: answer.session))",
                "ETag": "\"\(answer.iceTag)\"",
                "Cache-Control": "no-store",
            ]
            if let peerID = answer.peerID {
                headers.add(name: "Torii-Peer-Id", value: String(peerID))
            }
            // Named as in the log, so that the TURN server's log can be read beside it.
            return linked(
                HTTPResponse(.created, headers: headers, body: Array(answer.sdp.utf8)), for: answer.session.shortened)
        } catch {
            return .joinRefused(error)
        }
    }

    /// Credentials for a TURN server are for those who may join.
    private func listICEServers(_ request: HTTPRequest) async -> HTTPResponse {
        do throws(AdmissionRefusal) {
            _ = try await admission.now.grant(to: AdmissionService.Question(request), at: time())
        } catch {
            return error.response
        }
        return HTTPResponse(
            .ok, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
            body: iceServers.now.document(for: ICEServers.stranger(), at: time()))
    }

    /// The same as headers; OPTIONS itself is everybody's.
    private func offerICEServers(_ response: HTTPResponse, _ request: HTTPRequest) async -> HTTPResponse {
        do throws(AdmissionRefusal) {
            _ = try await admission.now.grant(to: AdmissionService.Question(request), at: time())
        } catch {
            return response
        }
        return linked(response, for: ICEServers.stranger())
    }

    /// With the STUN and TURN servers (RFC 9725 §4.6).
    private func linked(_ response: HTTPResponse, for user: String) -> HTTPResponse {
        var response = response
        for link in iceServers.now.links(for: user, at: time()) { response.headers.add(name: "Link", value: link) }
        return response
    }

    private func respond(toUpdate update: SessionUpdate) async -> HTTPResponse {
        do throws(UpdateRefusal) {
            return .sessionUpdated(
                try await control.update(update.session, update.fragment, iceTag: update.iceTag))
        } catch {
            return .updateRefused(error)
        }
    }

    private func status(of id: SessionID) async -> HTTPResponse {
        guard let status = await control.status(of: id) else { return .sessionUnknown }
        return HTTPResponse(
            .ok, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
            body: StatusDocument.encode(status))
    }

    private func readiness() async -> HTTPResponse {
        switch await control.readiness {
        case .ready: HTTPResponse(.ok, "The gateway takes players.")
        case .notReady(let sentence): HTTPResponse(.serviceUnavailable, sentence)
        }
    }

    private func file(_ path: String, _ method: HTTPMethod, _ headers: HTTPHeaders) -> HTTPResponse {
        guard let file = StaticSite.published[path] ?? site?[path] else {
            return .fileUnknown(hasSite: site != nil, path: path)
        }
        guard method == .GET || method == .HEAD else {
            return .methodNotAllowed(method, on: .file(path: path))
        }
        return file.response(to: headers)
    }
}

extension AdmissionService.Question {
    init(_ request: HTTPRequest) {
        self.init(source: request.source, origin: request.headers.origin, token: request.headers.bearerToken)
    }
}
