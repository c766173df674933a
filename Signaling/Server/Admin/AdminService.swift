import Gateway
import JOSE
import NIOHTTP1

/// Answers operators: the page's files to every browser on this machine, the API to who shows the token.
struct AdminService: HTTPResponder {
    let control: any AdminControl
    let gate: AdminGate

    /// No page of another origin may read anything, nor show it in itself.
    func standardHeaders(for origin: String?) -> HTTPHeaders {
        [
            "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
        ]
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        if let refusal = AdminGate.refusal(ofHostIn: request.headers) { return refusal }
        guard let target = RequestTarget(request.target) else {
            return HTTPResponse(
                .badRequest, "The request's path or query is malformed; percent-encode it as UTF-8.")
        }
        guard target.segments.first == "api" else { return file(target, request) }
        if let refusal = AdminGate.refusal(ofSiteIn: request.headers) { return refusal }
        if let refusal = gate.refusal(of: request.headers, from: request.source) { return refusal }
        return await answer(target, request)
    }

    private func file(_ target: RequestTarget, _ request: HTTPRequest) -> HTTPResponse {
        guard let file = StaticSite.admin["/" + target.segments.joined(separator: "/")] else { return Self.nothing }
        guard request.method == .GET || request.method == .HEAD else {
            return Self.notPossible(request.method, but: [.GET, .HEAD])
        }
        return file.response(to: request.headers)
    }

    private func answer(_ target: RequestTarget, _ request: HTTPRequest) async -> HTTPResponse {
        guard let (resource, name) = AdminResource.named(by: target.segments) else { return Self.nothing }
        guard resource.methods.contains(request.method) else {
            return Self.notPossible(request.method, but: resource.methods)
        }
        let parameters: AdminParameters
        do throws(AdminParameterError) {
            parameters = try AdminParameters(target.query, taking: resource.parameters(of: request.method))
        } catch {
            return HTTPResponse(.badRequest, error.sentence)
        }
        return switch (resource, request.method) {
        case (.gateway, _): await document(control.report().document(control.logLevel, gate.wrongTokens))
        case (.sessions, _): await sessions(parameters)
        case (.session, .DELETE): await remove(name, parameters)
        case (.session, _): await session(name)
        case (.capture, _): await capture(name, parameters)
        case (.endedSessions, _):
            document([
                ("sessions", .array(control.endedSessions(limit: limit(parameters)).map { $0.document(at: time()) }))
            ])
        case (.servers, _): await document(control.report().servers)
        case (.drain, let method): await drain(method == .POST)
        case (.logLevel, .PUT): setLogLevel(request)
        case (.logLevel, _): logLevel
        }
    }

    // MARK: - Sessions

    private func sessions(_ parameters: AdminParameters) async -> HTTPResponse {
        let limit = limit(parameters)
        let found = await control.sessions(after: parameters[.after], limit: limit)
        let next = found.count == limit ? found.last?.place : nil
        return document([
            ("sessions", .array(found.map { .object($0.members(at: time())) })),
            ("next", JSONDocument(next, JSONDocument.integer)),
        ])
    }

    private func session(_ name: String) async -> HTTPResponse {
        switch identify(name) {
        case .one(let id):
            guard let session = await control.session(id) else { return Self.sessionUnknown }
            return document(session.document(at: time()))
        case .refused(let response): return response
        }
    }

    private func remove(_ name: String, _ parameters: AdminParameters) async -> HTTPResponse {
        switch identify(name) {
        case .one(let id):
            let leaving = await control.remove(
                id, because: parameters.reason, disconnectData: parameters[.disconnectData].map { UInt32($0) })
            return switch leaving {
            case .done: HTTPResponse(.noContent)
            case .sessionUnknown: Self.sessionUnknown
            case .disconnectDataNotUsed: .left(leaving)
            }
        case .refused(let response): return response
        }
    }

    enum Identified {
        case one(SessionID)
        case refused(HTTPResponse)
    }

    /// The session that a path names: by its id, or by the eight digits that the log has of it.
    func identify(_ name: String) -> Identified {
        if let id = SessionID(name) { return .one(id) }
        let found = control.sessions(shortened: name)
        guard let first = found.first else { return .refused(Self.sessionUnknown) }
        guard found.count == 1 else {
            return .refused(
                HTTPResponse(.conflict, "Several sessions have ids that begin with this; use the whole id of one."))
        }
        return .one(first)
    }

    private func limit(_ parameters: AdminParameters) -> Int { parameters[.limit] ?? Self.usualLimit }

    // MARK: - The gateway

    private func drain(_ isDraining: Bool) async -> HTTPResponse {
        let state = await control.drain(isDraining)
        guard isDraining || state == .serving else {
            return HTTPResponse(
                .conflict, "The gateway is about to stop and takes no players any more; start it again.")
        }
        return document([("state", .string(state.label))])
    }

    private var logLevel: HTTPResponse { document([("level", .string(control.logLevel.rawValue))]) }

    private func setLogLevel(_ request: HTTPRequest) -> HTTPResponse {
        guard request.headers.mediaType == "application/json", request.headers.hasPlainContent else {
            return HTTPResponse(
                .unsupportedMediaType,
                "The body must be JSON, sent with Content-Type: application/json and uncompressed.")
        }
        guard let members = JSON(parsing: request.body)?.members, members.count == 1,
            let level = members["level"]?.string.flatMap(AdminLogLevel.init)
        else {
            let levels = AdminLogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            return HTTPResponse(.badRequest, "The body must be like {\"level\":\"debug\"}, with one of \(levels).")
        }
        control.setLogLevel(level)
        return logLevel
    }

    // MARK: - Answers

    // Our choice.
    /// Sessions that are listed unless another number is asked for.
    static let usualLimit = 100

    private func document(_ document: JSONDocument) -> HTTPResponse {
        HTTPResponse(
            .ok, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
            body: Array(document.text.utf8))
    }

    private static let nothing = HTTPResponse(
        .notFound, "There is nothing at this path; /openapi.yaml lists what there is.")
    static let sessionUnknown = HTTPResponse(
        .notFound, "There is no such session; it ended some time ago, or the id is wrong.")

    private static func notPossible(_ method: HTTPMethod, but others: [HTTPMethod]) -> HTTPResponse {
        let names = others.map(\.rawValue)
        let words = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
        return HTTPResponse(
            .methodNotAllowed, "\(method.rawValue) is not possible here; use \(words).",
            headers: ["Allow": names.joined(separator: ", ")])
    }
}
