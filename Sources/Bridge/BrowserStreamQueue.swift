import DequeModule
import Primitives
import SCTP

/// What waits on one stream of a browser.
struct BrowserStreamQueue: Sendable {
    enum Kind: CaseIterable {
        case unreliable, reliable
    }

    enum Outcome {
        case sent(BrowserQueue.Message)
        /// For its pace, or because this stream alone cannot be sent on now.
        case waits
        case nothingLeft
        case refused
    }

    private(set) var reliable = Deque<BrowserQueue.Message>()
    private(set) var unreliable = Deque<BrowserQueue.Message>()
    var pacer = BrowserPacer()

    var isEmpty: Bool { reliable.isEmpty && unreliable.isEmpty }

    func has(_ kind: Kind) -> Bool {
        switch kind {
        case .unreliable: !unreliable.isEmpty
        case .reliable: !reliable.isEmpty
        }
    }

    /// When the first unreliable message grows stale or, where it waits for its pace, more may go.
    func nextDeadline(isPaced: Bool) -> Instant? {
        let stale = unreliable.first?.staleAt
        guard isPaced else { return stale }
        return min(stale ?? pacer.nextSlot, pacer.nextSlot)
    }

    mutating func mayPass(count: Int, isPaced: Bool, at now: Instant) -> Bool {
        isEmpty && (!isPaced || pacer.allows(count, at: now))
    }

    mutating func append(_ message: BrowserQueue.Message) {
        if message.destination.isReliable {
            reliable.append(message)
        } else {
            unreliable.append(message)
        }
    }

    mutating func dropFirstUnreliable() -> BrowserQueue.Message? { unreliable.popFirst() }

    /// Gives the first message of `kind` to `send`.
    mutating func sendFirst(
        _ kind: Kind, isPaced: Bool, at now: Instant,
        _ send: (UnsafeRawBufferPointer, BrowserDestination) -> SCTPSendResult
    ) -> Outcome {
        guard let message = kind == .unreliable ? unreliable.first : reliable.first else { return .nothingLeft }
        guard !isPaced || pacer.allows(message.payload.count, at: now) else { return .waits }
        switch message.payload.withUnsafeBytes({ send($0, message.destination(at: now)) }) {
        case .accepted: break
        case .streamBusy: return .waits
        case .full, .refused: return .refused
        }
        pacer.note(message.payload.count)
        _ = kind == .unreliable ? unreliable.popFirst() : reliable.popFirst()
        return .sent(message)
    }
}
