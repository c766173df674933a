import Primitives

// Captures of sessions, for who looks for an error.
extension GatewayCore {
    /// Captures a session from now on, both legs, until one of the limits, its end, or `stopCapture`.
    ///
    /// - Parameters:
    ///   - serverSocket: where the session's socket to its server is bound, if it is open.
    ///   - time: nanoseconds since 1970, now; the file's times count from there.
    public func startCapture(
        of id: SessionID, _ options: CaptureOptions, serverSocket: TransportAddress? = nil, time: UInt64,
        at now: Instant
    ) throws(CaptureRefusal) -> CaptureID {
        guard let session = sessions[id] else { throw .sessionUnknown }
        let capture = SessionCapture(
            id: try captures.claim(id), of: session, options: options, startTime: time, at: now)
        capture.serverSocket = serverSocket
        captures.insert(capture)
        session.begin(capture)
        return capture.id
    }

    /// What has been captured since the last time, no bytes if there is nothing; nil when all was fetched, or the capture
    /// is unknown. With the last piece the capture is forgotten.
    public func takeCaptured(_ id: CaptureID) -> CapturedBytes? {
        guard let capture = captures[id] else { return nil }
        let captured = capture.take()
        if !capture.hasMore { captures.remove(id) }
        return captured
    }

    /// Whether `takeCaptured` would come back with something, or with the end.
    public func hasCaptured(_ id: CaptureID) -> Bool {
        captures[id].map { $0.end != nil || $0.waitingCount > 0 } ?? true
    }

    /// Ends a capture; what was captured can still be fetched. False when it is over already or unknown.
    public func stopCapture(_ id: CaptureID, at now: Instant) -> Bool {
        guard let capture = captures[id], capture.end == nil else { return false }
        guard let session = sessions[id.session] else { return false }
        session.endCapture(.stopped, at: now)
        return true
    }

    /// Ends a capture that nobody will fetch any more of.
    public func discardCapture(_ id: CaptureID, at now: Instant) {
        _ = stopCapture(id, at: now)
        captures.remove(id)
    }

    /// By which the shell knows a session's socket.
    public func slot(of id: SessionID) -> SessionSlot? {
        sessions[id]?.slot
    }

    /// The shell has opened a session's socket to its server, bound to this address.
    public func serverSocketOpened(of slot: SessionSlot, at address: TransportAddress) {
        sessions[slot]?.serverSocketOpened(at: address)
    }
}
