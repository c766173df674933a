import Primitives
import SCTP
import STUN

/// All live sessions, and the ways to find one: by slot, id, ufrag, path and SCTP association.
final class SessionTable {
    private var sessions: [Session?] = []
    private var generations: [UInt32] = []
    private var freeIndices: [Int] = []
    private var byID: [SessionID: SessionSlot] = [:]
    private var byUfrag: [String: SessionSlot] = [:]
    private var byPath: [Path: SessionSlot] = [:]
    /// By the place of the association.
    private var byAssociation: [(id: AssociationID, slot: SessionSlot)?] = []

    var count: Int { byID.count }
    /// Entries of all ways to find a session together; 0 when there is none.
    var indexCount: Int { byID.count + byUfrag.count + byPath.count + byAssociation.count { $0 != nil } }
    var live: [Session] { sessions.compactMap { $0 } }

    /// Some of them, in the order of their places.
    ///
    /// - Parameter place: of the last one that is not wanted; nil for the first ones.
    func live(after place: Int?, limit: Int) -> [Session] {
        let first = place.map { $0 < sessions.count ? $0 + 1 : sessions.count } ?? 0
        return Array(sessions[first...].lazy.compactMap { $0 }.prefix(limit))
    }

    /// The slot the next inserted session must have.
    func reserveSlot() -> SessionSlot {
        if let index = freeIndices.popLast() {
            return SessionSlot(index: index, generation: generations[index])
        }
        sessions.append(nil)
        generations.append(0)
        return SessionSlot(index: sessions.count - 1, generation: 0)
    }

    func insert(_ session: Session) {
        sessions[session.slot.index] = session
        byID[session.id] = session.slot
        byUfrag[session.peer.agent.ufrag] = session.slot
    }

    func remove(_ session: Session) {
        sessions[session.slot.index] = nil
        generations[session.slot.index] &+= 1
        freeIndices.append(session.slot.index)
        byID[session.id] = nil
        for ufrag in session.peer.agent.ufrags {
            byUfrag[ufrag] = nil
        }
        for path in session.peer.agent.validated where byPath[path] == session.slot {
            byPath[path] = nil
        }
        if let association = session.peer.associationIdentifier {
            unbind(association: association)
        }
    }

    subscript(slot: SessionSlot) -> Session? {
        guard sessions.indices.contains(slot.index), generations[slot.index] == slot.generation else { return nil }
        return sessions[slot.index]
    }

    subscript(id: SessionID) -> Session? { byID[id].flatMap { self[$0] } }
    subscript(path: Path) -> Session? { byPath[path].flatMap { self[$0] } }

    subscript(association: AssociationID) -> Session? {
        guard association.index < byAssociation.count, let entry = byAssociation[association.index],
            entry.id == association
        else { return nil }
        return self[entry.slot]
    }

    /// The session a check is for, by the receiver's half of its USERNAME.
    func session(of username: Username) -> Session? {
        // Ours are all of one length: anything else needs no look-up.
        guard let ufrag = username.receiverUfrag, ufrag.count == LocalCredentials.ufragLength else { return nil }
        return byUfrag[String(decoding: ufrag, as: UTF8.self)].flatMap { self[$0] }
    }

    /// Brings the index of ufrags up to date after an ICE restart, or after a check that made one final.
    func updateUfrags(of session: Session, before: [String]) {
        let now = session.peer.agent.ufrags
        for ufrag in before where !now.contains(ufrag) {
            byUfrag[ufrag] = nil
        }
        for ufrag in now where !before.contains(ufrag) {
            byUfrag[ufrag] = session.slot
        }
    }

    func hasUfrag(_ ufrag: String) -> Bool { byUfrag[ufrag] != nil }

    /// Brings the index of paths up to date after a valid check from `path`. A path belongs to the session that last
    /// showed it knows its password there: a browser may use a port again.
    func bind(_ path: Path, to session: Session) {
        byPath[path] = session.slot
    }

    /// Takes a path out of the index that the session has forgotten; whether it was the session's until now.
    func unbind(_ path: Path, from session: Session) -> Bool {
        guard byPath[path] == session.slot else { return false }
        byPath[path] = nil
        return true
    }

    func bind(association: AssociationID, to session: Session) {
        while byAssociation.count <= association.index { byAssociation.append(nil) }
        byAssociation[association.index] = (association, session.slot)
    }

    /// The place may be another's already.
    private func unbind(association: AssociationID) {
        guard association.index < byAssociation.count, byAssociation[association.index]?.id == association else {
            return
        }
        byAssociation[association.index] = nil
    }
}
