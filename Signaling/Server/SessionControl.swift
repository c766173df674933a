import Gateway
import SDP

/// What signaling needs of the part that owns the sessions.
public protocol SessionControl: Sendable {
    /// Makes a session and the answer to its offer.
    func join(_ request: JoinRequest) async throws(JoinRefusal) -> JoinAnswer
    /// Ends a session because the page asks; `disconnectData` is what ENet's DISCONNECT tells the server, nil for 0.
    func leave(_ id: SessionID, disconnectData: UInt32?) async -> Leaving
    /// What a page may know of its session; nil when the id is unknown or long forgotten.
    func status(of id: SessionID) async -> SessionStatus?
    /// Takes candidates, or restarts ICE; `iceTag` names the ICE session that is meant, nil whichever there is.
    func update(
        _ id: SessionID, _ fragment: ICEFragment, iceTag: String?
    ) async throws(UpdateRefusal) -> ICEUpdate
    var readiness: Readiness { get async }
}

/// Whether new players should be sent here.
public enum Readiness: Equatable, Sendable {
    case ready
    /// Not now, for the reason in this one sentence.
    case notReady(String)
}
