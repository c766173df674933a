import Gateway
import Impairment
import NIOHTTP1

/// What signaling needs of the part that impairs sessions.
public protocol ImpairmentControl: Sendable {
    /// Makes the way between a session and its browser as bad as that; nil when there is no such session.
    func impair(_ id: SessionID, by impairment: Impairment) async -> ImpairmentReport?
    /// Nil also for a session that was never impaired.
    func impairment(of id: SessionID) async -> ImpairmentReport?
}

/// `/session/{id}/impairment`, which only the demo has: a page makes its own network worse.
///
/// PUT takes `?loss=5&delay=100`, in percent and milliseconds and for each direction; it and GET answer
/// `{"loss":5,"delay":100,"fromBrowser":{"datagrams":210,"dropped":11},"toBrowser":{…}}`. Pages of other origins are not
/// let: there is nothing here for preflights. Nothing of it is in the contract that `serve` keeps.
struct ImpairmentResource: Sendable {
    private static let allow = "GET, HEAD, PUT"

    let control: any ImpairmentControl
    /// The gateway's name in its sessions' URLs.
    var node: NodeName?

    /// Nil for a request that is about something else.
    func respond(to request: HTTPRequest) async -> HTTPResponse? {
        guard let target = RequestTarget(request.target) else { return nil }
        let segments = target.segments
        guard segments.count == 3, segments[0] == "session", segments[2] == "impairment" else { return nil }
        guard let name = SessionName(segments[1]), name.node == node else { return .sessionUnknown }
        let id = name.id
        switch request.method {
        case .GET, .HEAD:
            return await control.impairment(of: id).map(Self.document) ?? .sessionUnknown
        case .PUT:
            guard let impairment = Self.impairment(in: target.query) else { return Self.refusal }
            return await control.impair(id, by: impairment).map(Self.document) ?? .sessionUnknown
        default:
            return HTTPResponse(
                .methodNotAllowed, "\(request.method.rawValue) is not possible here; use GET, HEAD or PUT.",
                headers: ["Allow": Self.allow])
        }
    }

    private static let refusal = HTTPResponse(
        .badRequest,
        "An impairment is loss, \(words(Impairment.lossPercents)) percent, and delay, \(words(Impairment.delays)) ms: "
            + "PUT with ?loss=5&delay=100.")

    private static func words(_ range: ClosedRange<Int>) -> String { "\(range.lowerBound) to \(range.upperBound)" }

    private static func impairment(in query: [RequestTarget.Parameter]) -> Impairment? {
        guard query.count == 2, let loss = number("loss", in: query), let delay = number("delay", in: query) else {
            return nil
        }
        return Impairment(lossPercent: loss, delay: delay)
    }

    private static func number(_ name: String, in query: [RequestTarget.Parameter]) -> Int? {
        guard let value = query.first(where: { $0.name == name })?.value, value.utf8.count <= 4,
            value.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(value)
    }

    private static func document(of report: ImpairmentReport) -> HTTPResponse {
        func direction(_ one: ImpairmentReport.Direction) -> String {
            #"{"datagrams":\#(one.datagrams),"dropped":\#(one.dropped)}"#
        }
        let text =
            #"{"loss":\#(report.impairment.lossPercent),"delay":\#(report.impairment.delay),"#
            + #""fromBrowser":\#(direction(report.fromBrowser)),"toBrowser":\#(direction(report.toBrowser))}"#
        return HTTPResponse(
            .ok, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"], body: Array(text.utf8))
    }
}
