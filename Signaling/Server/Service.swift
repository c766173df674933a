import Gateway
import NIOHTTP1

/// Turns requests into responses by asking the sessions and the site.
struct Service: Sendable {
    let control: any SessionControl
    let site: StaticSite?

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        switch Operation(request) {
        case .join(let join): await respond(toJoin: join)
        case .leave(let id): await control.leave(id) ? HTTPResponse(.ok) : .sessionUnknown
        case .status(let id): await status(of: id)
        case .update(let update): await respond(toUpdate: update)
        case .live: HTTPResponse(.ok, "The gateway is running.")
        case .ready: await readiness()
        case .file(let path, let method): file(path, method, request.headers)
        case .respond(let response): response
        }
    }

    private func respond(toJoin request: JoinRequest) async -> HTTPResponse {
        do throws(JoinRefusal) {
            let answer = try await control.join(request)
            var headers: HTTPHeaders = [
                "Content-Type": "application/sdp",
                "Location": "/session/\(answer.session)",
                "ETag": "\"\(answer.iceTag)\"",
                "Cache-Control": "no-store",
            ]
            if let peerID = answer.peerID {
                headers.add(name: "Torii-Peer-Id", value: String(peerID))
            }
            return HTTPResponse(.created, headers: headers, body: Array(answer.sdp.utf8))
        } catch {
            return .joinRefused(error)
        }
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
        guard let file = site?[path] else { return .fileUnknown(hasSite: site != nil, path: path) }
        guard method == .GET || method == .HEAD else {
            return .methodNotAllowed(method, on: .file(path: path))
        }
        return file.response(to: headers)
    }
}
