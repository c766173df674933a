import CUSRSCTP
import Glibc

/// A message that waits to see whether another follows: the last of a batch is sent with bundling off, and takes along
/// what bundling kept back.
struct HeldMessage {
    let stream: UInt16
    let protocolIdentifier: UInt32
    let isUnordered: Bool
    let reliability: PartialReliability
}

// From messages to usrsctp.
extension SCTPAssociation {
    /// Queues one message. It is copied, and leaves with the next `flush()` at the latest.
    public func send(
        _ payload: UnsafeRawBufferPointer, stream: UInt16, protocolIdentifier: UInt32, unordered: Bool,
        reliability: PartialReliability
    ) -> SCTPSendResult {
        guard isEstablished, endReason == nil, stream < outboundStreams else { return .refused }
        guard !isResetting(stream) else { return .streamBusy }
        if let result = waitsForStreams(stream) { return result }
        if held != nil {
            // More follows: let usrsctp put small messages into one packet.
            setBundling(true)
            let result = sendHeld()
            guard result == .accepted else { return result }
        }
        heldPayload.append(contentsOf: payload)
        held = HeldMessage(
            stream: stream, protocolIdentifier: protocolIdentifier, isUnordered: unordered, reliability: reliability)
        return .accepted
    }

    /// Bytes of the message that waits for the next `flush()`.
    var heldBytes: Int { heldPayload.count }

    /// Sends what was queued, several messages to a packet where they fit. False when the last message has to wait
    /// for room; the next flush tries again.
    @discardableResult
    public func flush() -> Bool {
        var isSent = true
        if held != nil {
            setBundling(false)
            isSent = sendHeld() == .accepted
        }
        requestResets()
        inputDueReset()
        return isSent
    }

    /// A message refused here is one on a stream that does not exist, or of an association that has ended: nobody
    /// waits for it.
    private func sendHeld() -> SCTPSendResult {
        guard let message = held else { return .accepted }
        let result = heldPayload.withUnsafeBytes { send($0, message) }
        if result != .full {
            held = nil
            // So that a steady stream of messages allocates nothing, and a large one leaves nothing.
            heldPayload.removeAll(keepingCapacity: heldPayload.count <= Self.unfragmentedSize)
        }
        return result
    }

    private func send(_ payload: UnsafeRawBufferPointer, _ message: HeldMessage) -> SCTPSendResult {
        guard let socket else { return .refused }
        if let rank = ranks.change(for: message.stream, isReliable: message.reliability == .reliable) {
            setRank(rank, of: message.stream)
        }
        var info = sctp_sendv_spa()
        info.sendv_flags = UInt32(SCTP_SEND_SNDINFO_VALID)
        info.sendv_sndinfo.snd_sid = message.stream
        info.sendv_sndinfo.snd_flags = message.isUnordered ? UInt16(SCTP_UNORDERED) : 0
        info.sendv_sndinfo.snd_ppid = message.protocolIdentifier.bigEndian
        info.setReliability(message.reliability)
        let sent = withUnsafeMutableBytes(of: &info) {
            usrsctp_sendv(
                socket, payload.baseAddress, payload.count, nil, 0, $0.baseAddress, socklen_t($0.count),
                UInt32(SCTP_SENDV_SPA), 0)
        }
        if sent == payload.count {
            if payload.count > Self.unfragmentedSize { mayBeHalfSent = true }
            return .accepted
        }
        return errno == EWOULDBLOCK || errno == ENOBUFS ? .full : .refused
    }
}
