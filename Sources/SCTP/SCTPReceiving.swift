import CUSRSCTP
import Glibc

// From usrsctp to events.
extension SCTPAssociation {
    /// The next event, or nil when there is none for now. A message's payload is valid until the next call.
    public func nextEvent() -> SCTPEvent? {
        while let piece = receivePiece() {
            if let event = piece.isNotification ? notification(piece) : message(piece) {
                return event
            }
        }
        guard let endReason, !reportedEnd else { return nil }
        reportedEnd = true
        return .ended(endReason)
    }

    private struct Piece {
        let bytes: UnsafeRawBufferPointer
        let info: sctp_rcvinfo
        let isNotification: Bool
        let isLast: Bool
    }

    private func receivePiece() -> Piece? {
        guard let socket else { return nil }
        var info = sctp_rcvinfo()
        var infoLength = socklen_t(MemoryLayout<sctp_rcvinfo>.size)
        var infoType: UInt32 = 0
        var flags: Int32 = 0
        var from = sockaddr_conn()
        var fromLength = socklen_t(MemoryLayout<sockaddr_conn>.size)
        let count = withUnsafeMutableBytes(of: &from) { from in
            usrsctp_recvv(
                socket, stack.receiveBuffer.baseAddress, stack.receiveBuffer.count,
                from.baseAddress?.assumingMemoryBound(to: sockaddr.self), &fromLength, &info, &infoLength,
                &infoType, &flags)
        }
        guard count > 0 else {
            noteEnd(atReadResult: count)
            return nil
        }
        return Piece(
            bytes: UnsafeRawBufferPointer(rebasing: stack.receiveBuffer[..<count]), info: info,
            isNotification: flags & MSG_NOTIFICATION != 0, isLast: flags & Int32(MSG_EOR) != 0)
    }

    /// A read of nothing: usrsctp has told of an end by a notification before, unless the socket itself went.
    private func noteEnd(atReadResult count: Int) {
        guard endReason == nil else { return }
        if count == 0 {
            endReason = .shutDownByPeer
        } else if errno == ECONNRESET || errno == ECONNABORTED {
            endReason = .abortedByPeer(cause: 0)
        } else if errno == ETIMEDOUT || errno == ECONNREFUSED {
            endReason = .timedOut
        }
    }

    private func message(_ piece: Piece) -> SCTPEvent? {
        if piece.isLast, reassembly.count == 0 {
            guard piece.bytes.count <= maximumMessageSize else { return refuseOversize() }
            return event(piece.info, piece.bytes)
        }
        // FRAGMENT_INTERLEAVE 0: the pieces of one message come without another's between them.
        guard reassembly.append(piece.bytes) else { return refuseOversize() }
        return piece.isLast ? event(piece.info, reassembly.take()) : nil
    }

    private func event(_ info: sctp_rcvinfo, _ payload: UnsafeRawBufferPointer) -> SCTPEvent {
        .message(
            SCTPMessage(
                stream: info.rcv_sid, protocolIdentifier: UInt32(bigEndian: info.rcv_ppid),
                isUnordered: info.rcv_flags & UInt16(SCTP_UNORDERED) != 0,
                dueAt: arrivals.arrival(of: info.rcv_tsn), payload: payload))
    }

    private func refuseOversize() -> SCTPEvent? {
        abort(reason: "message larger than max-message-size")
        endReason = .messageTooLarge
        return nil
    }

    private func notification(_ piece: Piece) -> SCTPEvent? {
        guard piece.bytes.count >= MemoryLayout<UInt16>.size else { return nil }
        switch Int32(piece.bytes.loadUnaligned(as: UInt16.self)) {
        case SCTP_ASSOC_CHANGE: return associationChange(piece.bytes)
        case SCTP_STREAM_RESET_EVENT: return streamReset(piece.bytes)
        case SCTP_PARTIAL_DELIVERY_EVENT:
            // RFC 6458 §6.1.7: the peer gave up the message whose first pieces are here; what follows is another's.
            reassembly.discard()
            return nil
        default: return nil
        }
    }

    private func associationChange(_ bytes: UnsafeRawBufferPointer) -> SCTPEvent? {
        guard bytes.count >= MemoryLayout<sctp_assoc_change>.size else { return nil }
        let change = bytes.loadUnaligned(as: sctp_assoc_change.self)
        switch Int32(change.sac_state) {
        case SCTP_COMM_UP:
            guard !isEstablished else { return nil }
            isEstablished = true
            outboundStreams = growth.agreedOutbound
            return .established(inboundStreams: growth.agreedInbound, outboundStreams: growth.agreedOutbound)
        case SCTP_COMM_LOST:
            // usrsctp reports the ABORT chunk itself after the structure when the peer sent one.
            let aborted = bytes.count > MemoryLayout<sctp_assoc_change>.size
            endReason = endReason ?? (aborted ? .abortedByPeer(cause: change.sac_error) : .timedOut)
        case SCTP_SHUTDOWN_COMP:
            endReason = endReason ?? .shutDownByPeer
        case SCTP_CANT_STR_ASSOC:
            endReason = endReason ?? .timedOut
        default:
            break
        }
        return nil
    }

    private func streamReset(_ bytes: UnsafeRawBufferPointer) -> SCTPEvent? {
        let headerSize = MemoryLayout<sctp_stream_reset_event>.size
        guard bytes.count >= headerSize else { return nil }
        let header = bytes.loadUnaligned(as: sctp_stream_reset_event.self)
        let end = min(Int(header.strreset_length), bytes.count)
        let streams = stride(from: headerSize, to: end - 1, by: 2).map {
            bytes.loadUnaligned(fromByteOffset: $0, as: UInt16.self)
        }
        let flags = Int32(header.strreset_flags)
        // An INCOMING that was refused would be one that we asked for, which we never do.
        guard flags & SCTP_STREAM_RESET_INCOMING_SSN == 0 else { return .incomingStreamsReset(streams) }
        return resetAnswered(streams, isFailed: flags & SCTP_STREAM_RESET_FAILED != 0)
    }
}
