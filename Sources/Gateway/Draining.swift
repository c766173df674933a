import Primitives

// Taking no more players, and letting those go who are there. `ServiceState` has the rules.
extension GatewayCore {
    public var isStopping: Bool { service == .stopping }

    /// Takes no new sessions from now on, or takes them again; the present ones go on.
    public func toggleDrain() {
        service.toggleDrain()
    }

    /// The same, said outright. A gateway that goes goes on with that.
    public func drain(_ isDraining: Bool) {
        service.drain(isDraining)
    }

    /// Takes no new sessions, and ends the present ones when the departure says so; `sessionCount` falls to 0 within the
    /// farewell timeout after that.
    public func depart(_ departure: Departure, at now: Instant) {
        service.depart(departure, at: now)
        endDeparture(at: now)
    }

    /// Takes no new sessions and ends the present ones; `sessionCount` falls to 0 within the farewell timeout.
    public func stop(at now: Instant) {
        service = .stopping
        for session in sessions.live {
            session.end(.gatewayStopping, at: now)
            touch(session.slot)
        }
    }

    /// Stops when a departure has come to its end.
    func endDeparture(at now: Instant) {
        if service.isDone(sessions: sessionCount, at: now) { stop(at: now) }
    }
}
