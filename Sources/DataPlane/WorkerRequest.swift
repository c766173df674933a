import DTLS
import Gateway
import Impairment
import Primitives
import SDP

/// What other threads ask of a worker, each with where its answer goes.
enum WorkerRequest: Sendable {
    /// With when it was asked for.
    case join(JoinRequest, Instant, CheckedContinuation<Result<JoinAnswer, JoinRefusal>, Never>)
    case leave(SessionID, EndReason, disconnectData: UInt32?, CheckedContinuation<Leaving, Never>)
    case status(SessionID, CheckedContinuation<SessionStatus?, Never>)
    case update(SessionID, ICEFragment, iceTag: String?, CheckedContinuation<Result<ICEUpdate, UpdateRefusal>, Never>)
    /// The session's way to its browser is to be as bad as that.
    case impair(SessionID, Impairment, CheckedContinuation<ImpairmentReport?, Never>)
    case impairment(SessionID, CheckedContinuation<ImpairmentReport?, Never>)
    /// The gateway is to be like this from now on; with the number of reloads so far. The answer is where the routes'
    /// servers are.
    case reload(GatewayConfiguration, Int, CheckedContinuation<Result<[Route], DTLSSetupError>, Never>)
    /// Answers name these addresses from now on. What was looked up before a reload, by its number, no longer counts.
    case advertise(AdvertisedPorts, Int)
    /// New players who get this server of the route go there. The same holds.
    case moveServer(RouteServerIndex, ServerPlace, Int)
    /// A route's servers, as they were found by its source.
    case discovered([RouteServer], route: String, source: String)
    /// Whether a route's server answered a probe.
    case probed(TransportAddress, route: String, isAnswered: Bool)
    /// The routes whose servers are to be probed, with their servers as they are now.
    case probedRoutes(CheckedContinuation<[Route], Never>)
    case snapshot(CheckedContinuation<GatewaySnapshot, Never>)
    case metrics(CheckedContinuation<GatewayMetrics, Never>)
    case capture(CaptureRequest)
    /// Some live sessions, by where they are kept: those after a place, and not more than so many.
    case sessions(after: Int?, limit: Int, CheckedContinuation<[SessionDetails], Never>)
    case details(SessionID, CheckedContinuation<SessionDetails?, Never>)
    /// Players are taken no more, or again; the answer is how it is then.
    case drain(Bool, CheckedContinuation<GatewaySnapshot, Never>)
    case toggleDrain(CheckedContinuation<GatewaySnapshot, Never>)
    /// Answered when those who play need not be waited for any more.
    case depart(Departure, CheckedContinuation<GatewaySnapshot, Never>)
    case stop(CheckedContinuation<Void, Never>)

    /// Answers as a gateway that has stopped.
    func refuse() {
        switch self {
        case .join(_, _, let answer): answer.resume(returning: .failure(.stopping))
        case .leave(_, _, _, let answer): answer.resume(returning: .sessionUnknown)
        case .status(_, let answer): answer.resume(returning: nil)
        case .update(_, _, _, let answer): answer.resume(returning: .failure(.sessionUnknown))
        case .impair(_, _, let answer), .impairment(_, let answer): answer.resume(returning: nil)
        case .reload(_, _, let answer): answer.resume(returning: .success([]))
        case .probedRoutes(let answer): answer.resume(returning: [])
        case .advertise, .moveServer, .discovered, .probed: break
        case .sessions(_, _, let answer): answer.resume(returning: [])
        case .details(_, let answer): answer.resume(returning: nil)
        case .snapshot(let answer), .drain(_, let answer), .toggleDrain(let answer), .depart(_, let answer):
            answer.resume(returning: GatewaySnapshot.stopped)
        case .metrics(let answer): answer.resume(returning: GatewayMetrics.stopped)
        case .capture(let request): request.refuse()
        case .stop(let answer): answer.resume()
        }
    }
}

/// Whether the gateway takes players, at one moment; `GatewayMetrics` has the rest, and takes longer.
public struct GatewaySnapshot: Sendable {
    public var sessionCount = 0
    public var isFull = false
    /// What there is too little of for more players.
    public var shortage: Shortage?
    public var service = ServiceState.serving
    /// Drops that belong to no session.
    public var drops = DropCounters()

    /// A gateway that is no more.
    static let stopped = GatewaySnapshot(service: .stopping)
}
