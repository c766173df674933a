import Gateway
import Primitives

// Captures of sessions, as other threads ask for them.
extension Worker {
    func serve(_ request: CaptureRequest, at now: Instant) {
        switch request {
        case .start(let id, let options, let answer):
            answer.resume(returning: startCapture(of: id, options, at: now))
        case .next(let id, let answer):
            captureReaders.append(id, answer)
        case .stop(let id, let answer):
            answer.resume(returning: core.stopCapture(id, at: now))
        case .discard(let id):
            core.discardCapture(id, at: now)
        }
    }

    private func startCapture(
        of id: SessionID, _ options: CaptureOptions, at now: Instant
    ) -> Result<CaptureID, CaptureRefusal> {
        do throws(CaptureRefusal) {
            return .success(
                try core.startCapture(
                    of: id, options, serverSocket: serverSocket(of: id), time: RealTimeClock.now, at: now))
        } catch {
            return .failure(error)
        }
    }
}
