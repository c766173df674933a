import Gateway

/// What other threads ask of a worker about captures.
enum CaptureRequest: Sendable {
    case start(SessionID, CaptureOptions, CheckedContinuation<Result<CaptureID, CaptureRefusal>, Never>)
    /// Answered when there is something, or never will be.
    case next(CaptureID, CheckedContinuation<CapturedBytes?, Never>)
    case stop(CaptureID, CheckedContinuation<Bool, Never>)
    /// Nobody will ask for any more of it.
    case discard(CaptureID)

    /// Answers as a gateway that has stopped.
    func refuse() {
        switch self {
        case .start(_, _, let answer): answer.resume(returning: .failure(.sessionUnknown))
        case .next(_, let answer): answer.resume(returning: nil)
        case .stop(_, let answer): answer.resume(returning: false)
        case .discard: break
        }
    }
}
