import Gateway

// One session's packets as a file for Wireshark (Deploy/capture.md).
extension DataPlane {
    /// Begins to capture a session. What is captured waits for `captured(by:)`: up to 8 MiB, then packets are left out and
    /// counted. The capture ends by itself at the limits of `options` or with the session; nobody need fetch it.
    public func startCapture(of id: SessionID, _ options: CaptureOptions) async throws(CaptureRefusal) -> CaptureID {
        try await ask { .capture(.start(id, options, $0)) }.get()
    }

    /// The pieces of a capture's file, each as soon as there is one, until the capture is over and all was fetched. Let
    /// one reader have it: of two, each gets what the other does not.
    ///
    /// A task that is cancelled while it waits for a piece ends the capture, and what was not fetched is lost.
    public func captured(by id: CaptureID) -> CapturedPieces {
        CapturedPieces(id: id, plane: self)
    }

    /// Ends a capture, whose last piece can then be fetched. False when it is over already or unknown.
    public func stopCapture(_ id: CaptureID) async -> Bool {
        await ask { .capture(.stop(id, $0)) }
    }

    /// The next of these pieces; nil when the last was fetched.
    public func nextCaptured(by id: CaptureID) async -> CapturedBytes? {
        await withTaskCancellationHandler {
            await ask { .capture(.next(id, $0)) }
        } onCancel: {
            discardCapture(id)
        }
    }
}

/// A capture's file, piece by piece.
public struct CapturedPieces: AsyncSequence, Sendable {
    public typealias Element = CapturedBytes

    let id: CaptureID
    let plane: DataPlane

    public struct AsyncIterator: AsyncIteratorProtocol {
        let id: CaptureID
        let plane: DataPlane
        var isOver = false

        public mutating func next() async -> CapturedBytes? {
            guard !isOver, let piece = await plane.nextCaptured(by: id) else { return nil }
            isOver = piece.end != nil
            return piece
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(id: id, plane: plane) }
}
