import Gateway

// What operators ask of the running gateway. Each takes the worker's time, so whoever asks must not ask for much at once.
extension DataPlane {
    /// Some live sessions.
    ///
    /// - Parameters:
    ///   - place: of the last one that is known already (`SessionDetails.place`); nil for the first ones.
    ///   - limit: how many at most.
    public func sessions(after place: Int?, limit: Int) async -> [SessionDetails] {
        await ask { .sessions(after: place, limit: limit, $0) }
    }

    /// How a live session is; nil when there is none of that name.
    public func details(of id: SessionID) async -> SessionDetails? {
        await ask { .details(id, $0) }
    }

    /// Takes no more joins, or takes them again; returns how it is then. A gateway that is departing or stopping goes on
    /// with that.
    public func drain(_ isDraining: Bool) async -> GatewaySnapshot {
        await ask { .drain(isDraining, $0) }
    }
}
