import Primitives

// Which sessions get a turn in `settle`.
extension GatewayCore {
    /// Something happened to a session: it gets a turn.
    func touch(_ slot: SessionSlot) {
        guard let session = sessions[slot] else { return }
        session.isBrowserTouched = true
        enqueue(session)
    }

    /// The same where its server alone has spoken.
    func enqueue(_ session: Session) {
        guard !session.isTouched else { return }
        session.isTouched = true
        dirty.append(session.slot)
    }
}
