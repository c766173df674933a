import DataPlane
import Gateway
import SDP
import Signaling

/// Signaling's requests, handed to the data plane.
struct PlaneControl: SessionControl {
    let plane: DataPlane

    func join(_ request: JoinRequest) async throws(JoinRefusal) -> JoinAnswer {
        try await plane.join(request)
    }

    func leave(_ id: SessionID, disconnectData: UInt32?) async -> Leaving {
        await plane.leave(id, disconnectData: disconnectData)
    }

    func status(of id: SessionID) async -> SessionStatus? {
        await plane.status(of: id)
    }

    func update(
        _ id: SessionID, _ fragment: ICEFragment, iceTag: String?
    ) async throws(UpdateRefusal) -> ICEUpdate {
        try await plane.update(id, fragment, iceTag: iceTag)
    }

    var readiness: Readiness {
        get async {
            let snapshot = await plane.snapshot()
            switch snapshot.service {
            case .serving where snapshot.isFull: return .notReady("The gateway has as many sessions as it may.")
            case .serving where snapshot.shortage == .descriptors:
                return .notReady("The gateway has too many files and sockets open.")
            case .serving where snapshot.shortage == .memory:
                return .notReady("The gateway has too little memory left for new players.")
            case .serving: return .ready
            case .draining: return .notReady("The gateway is draining: it takes no new players for now.")
            case .departing: return .notReady("The gateway is draining: it takes no new players, and will stop.")
            case .stopping: return .notReady("The gateway is stopping.")
            }
        }
    }
}
