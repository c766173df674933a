import Primitives

/// What one user message asks of SCTP (RFC 3758, RFC 7496).
public enum PartialReliability: Hashable, Sendable {
    /// Delivered, however often it must be sent again.
    case reliable
    /// Given up after this many retransmissions.
    case retransmissions(UInt32)
    /// Given up when older than this, in milliseconds.
    case lifetime(UInt32)
}

/// A user message as received, whole.
public struct SCTPMessage {
    public let stream: UInt16
    /// The payload protocol identifier (RFC 9260 §3.3.1).
    public let protocolIdentifier: UInt32
    public let isUnordered: Bool
    /// When it, or one that was sent after it, first arrived: what was lost and repeated, or waited behind that, is as
    /// old as this. At most `ArrivalTimes.horizon` back.
    public let dueAt: Instant?
    /// Valid until the next call on any association of the stack.
    public let payload: UnsafeRawBufferPointer
}

public enum SCTPEvent {
    /// The association is up; how many streams each way were agreed on.
    case established(inboundStreams: UInt16, outboundStreams: UInt16)
    case message(SCTPMessage)
    /// The peer reset these of its outgoing streams (RFC 6525 §5.2.2); empty means all.
    case incomingStreamsReset([UInt16])
    /// Our own reset of these streams is done, or the peer will not have it: they can be sent on again.
    case outgoingStreamsReset([UInt16])
    case ended(SCTPEndReason)
}

public enum SCTPEndReason: Hashable, Sendable {
    /// The peer sent ABORT; its error cause code, 0 when it gave none.
    case abortedByPeer(cause: UInt16)
    /// The peer shut the association down.
    case shutDownByPeer
    /// Retransmissions were used up, also those of INIT.
    case timedOut
    /// The peer sent a message larger than we said we take.
    case messageTooLarge
    /// `abort(reason:)` was called.
    case abortedHere
}

public enum SCTPSendResult: Hashable, Sendable {
    case accepted
    /// The send buffer is full; try again after the peer acknowledged something.
    case full
    /// This stream has to wait, as until its reset is answered; others need not.
    case streamBusy
    /// No such stream, too large for any buffer, or the association is not established.
    case refused
}

/// usrsctp refused a call that only a bug or a lack of memory makes it refuse.
public struct SCTPSetupError: Error, CustomStringConvertible {
    public let call: String
    public let code: Int32

    public var description: String { "usrsctp refused \(call) with error \(code)" }
}
