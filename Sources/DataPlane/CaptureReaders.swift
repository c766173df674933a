import Gateway

/// Who waits for the next piece of a capture, first come, first served.
struct CaptureReaders {
    private var waiting: [(id: CaptureID, answer: CheckedContinuation<CapturedBytes?, Never>)] = []

    mutating func append(_ id: CaptureID, _ answer: CheckedContinuation<CapturedBytes?, Never>) {
        waiting.append((id, answer))
    }

    /// Answers those for whom there is something.
    mutating func answer(from core: GatewayCore) {
        guard !waiting.isEmpty else { return }
        waiting.removeAll { reader in
            guard core.hasCaptured(reader.id) else { return false }
            reader.answer.resume(returning: core.takeCaptured(reader.id))
            return true
        }
    }
}
