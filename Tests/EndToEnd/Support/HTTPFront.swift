import Foundation
import Glibc
import Synchronization

/// What stands before a gateway's HTTP port at a shop or at a hoster: hands requests on, and where the test says so, answers
/// them itself or loses them. Its address stays when the gateway behind it is another one.
///
/// One request per connection. Left out: everything of HTTP that a browser and the gateway do not do here.
final class HTTPFront: Sendable {
    /// What becomes of a request.
    enum Fate: Sendable {
        case passed
        /// Answered here with a status, a sentence and the seconds of `Retry-After`.
        case answered(Int, String, retryAfter: Int? = nil)
        /// Answered here with a page that proxies make for people.
        case answeredWithPage(Int)
        /// The connection is closed; `afterPassing` when the gateway has heard the request.
        case cut(afterPassing: Bool)
        /// Nothing comes back, while the connection lasts.
        case unanswered
        /// All of the gateway's answer but its end comes back, while the connection lasts.
        case stalled
        /// The gateway has heard the request, and its answer comes back when the test says so.
        case late
    }

    struct Request: Sendable {
        let method: String
        let path: String
        let headers: [String: String]

        /// How a session is, or why it ended.
        var isQuestion: Bool { method == "GET" && path.hasPrefix("/session/") }
    }

    private struct State {
        var target: UInt16 = 0
        var joins: [Fate] = []
        var restarts: [Fate] = []
        var questions: [Fate] = []
        var token: String?
    }

    /// Every request but preflights, as they came.
    let requests = Journal<Request>()
    let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())
    private let lateAnswers = DispatchSemaphore(value: 0)

    var origin: String { "http://127.0.0.1:\(port)" }

    /// Runs one while `body` runs.
    static func running(_ body: (HTTPFront) async throws -> Void) async throws {
        let front = try HTTPFront()
        defer { shutdown(front.listener, Int32(SHUT_RDWR)) }
        try await body(front)
    }

    private init() throws {
        let (listener, port) = try LoopbackTCP.listening()
        self.listener = listener
        self.port = port
        Thread.detachNewThread { self.accept() }
    }

    /// How many joins have come.
    var joins: Int { requests.entries.filter { $0.method == "POST" }.count }

    /// Requests go to this gateway from now on.
    func lead(to gateway: GatewayProgram) {
        let port = URL(string: gateway.origin)?.port.flatMap { UInt16(exactly: $0) }
        state.withLock { $0.target = port ?? 0 }
    }

    /// What becomes of the next joins, one after the other; later ones pass.
    func nextJoins(_ fates: Fate...) {
        state.withLock { $0.joins = fates }
    }

    /// The same for restarts of ICE.
    func nextRestarts(_ fates: Fate...) {
        state.withLock { $0.restarts = fates }
    }

    /// The same for requests that ask how a session is.
    func nextQuestions(_ fates: Fate...) {
        state.withLock { $0.questions = fates }
    }

    /// Lets one late answer go.
    func answerLate() {
        lateAnswers.signal()
    }

    /// Only joins and sessions with this token pass from now on: others are answered 401 without one, 403 with another.
    func require(token: String) {
        state.withLock { $0.token = token }
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            if connection < 0, errno == EINTR || errno == ECONNABORTED { continue }
            guard connection >= 0 else { break }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            Thread.detachNewThread {
                self.serve(connection)
                close(connection)
            }
        }
        close(listener)
    }

    private func serve(_ connection: Int32) {
        guard let message = HTTPMessage(readingFrom: connection) else { return }
        let request = Request(method: message.words[0], path: message.words[1], headers: message.headers)
        let isPreflight = request.method == "OPTIONS"
        if !isPreflight { requests.append(request) }
        switch isPreflight ? .passed : fate(of: request) {
        case .passed: _ = pass(message).map { Stream.send($0, on: connection) }
        case .answered(let status, let sentence, let retryAfter):
            _ = Stream.send(Self.answer(status, sentence, retryAfter), on: connection)
        case .answeredWithPage(let status):
            _ = Stream.send(Self.answer(status, "<html><h1>\(status)</h1></html>", type: "text/html"), on: connection)
        case .cut(let afterPassing): if afterPassing { _ = pass(message) }
        case .unanswered: Self.waitForEnd(of: connection)
        case .stalled:
            _ = pass(message).map { Stream.send($0.dropLast(20), on: connection) }
            Self.waitForEnd(of: connection)
        case .late:
            let answer = pass(message)
            lateAnswers.wait()
            _ = answer.map { Stream.send($0, on: connection) }
        }
    }

    /// Until the browser gives up and closes.
    private static func waitForEnd(of connection: Int32) {
        var byte: UInt8 = 0
        while recv(connection, &byte, 1, 0) > 0 {}
    }

    private func fate(of request: Request) -> Fate {
        state.withLock { state in
            let isForPlayers = request.path.hasPrefix("/join/") || request.path.hasPrefix("/session/")
            if isForPlayers, let token = state.token, request.headers["authorization"] != "Bearer \(token)" {
                return request.headers["authorization"] == nil
                    ? .answered(401, "This game is for those who signed in.")
                    : .answered(403, "This token is not for this game.")
            }
            switch request.method {
            case "POST" where !state.joins.isEmpty: return state.joins.removeFirst()
            case "PATCH" where !state.restarts.isEmpty: return state.restarts.removeFirst()
            case _ where request.isQuestion && !state.questions.isEmpty: return state.questions.removeFirst()
            default: return .passed
            }
        }
    }

    /// The gateway's response, or nil where there is no gateway.
    private func pass(_ message: HTTPMessage) -> Data? {
        let target = state.withLock { $0.target }
        guard let descriptor = LoopbackTCP.connected(to: target) else { return nil }
        defer { close(descriptor) }
        guard Stream.send(message.lastOnItsConnection, on: descriptor) else { return nil }
        return HTTPMessage.everything(from: descriptor)
    }

    private static func answer(
        _ status: Int, _ text: String, _ retryAfter: Int? = nil, type: String = "text/plain"
    ) -> Data {
        let body = Data("\(text)\n".utf8)
        let lines = [
            "HTTP/1.1 \(status) Answered", "Content-Type: \(type); charset=utf-8", "Content-Length: \(body.count)",
            "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: Retry-After", "Connection: close",
        ]
        let head = (lines + (retryAfter.map { ["Retry-After: \($0)"] } ?? [])).map { $0 + "\r\n" }.joined() + "\r\n"
        return Data(head.utf8) + body
    }
}
