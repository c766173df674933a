import CUSRSCTP
import Glibc
import Primitives

/// One SCTP association over DTLS (RFC 8261), from the point of view of its user.
///
/// Packets come in by `receive`, leave through `outgoing`; events are pulled with `nextEvent()`. Not pulling is the
/// back-pressure: the receive window closes and the peer waits. Its clock is the stack's.
public final class SCTPAssociation {
    /// Packets to send to the peer, oldest first. The owner sends them and empties it.
    public var outgoing = PacketArena()
    /// What `SCTPStack.takeTouched()` calls this association.
    public private(set) var identifier: UInt = 0

    private let stack: SCTPStack
    private let remotePort: UInt16
    private let maximumMessageSize: Int
    private(set) var socket: OpaquePointer?
    private var isEstablished = false
    /// Streams there are towards the peer; 0 before the association is established.
    public private(set) var outboundStreams: UInt16 = 0
    private var endReason: SCTPEndReason?
    private var reportedEnd = false
    private var reassembly: ReassemblyBuffer
    /// The newest message: what it is sent with depends on whether another follows.
    private var held: HeldMessage?
    var isBundling = false

    private struct HeldMessage {
        let payload: [UInt8]
        let stream: UInt16
        let protocolIdentifier: UInt32
        let isUnordered: Bool
        let reliability: PartialReliability
    }

    /// The largest SCTP packet made, in bytes: what a DTLS record of 1,200 bytes holds with the largest overhead of
    /// our cipher suites (RFC 8831 §5: no IP fragmentation, no path MTU known).
    public static let packetSize: UInt32 = 1200 - 37

    /// - Parameters:
    ///   - localPort: unique among live associations; shared ports would share one hash chain in usrsctp.
    ///   - maximumMessageSize: bytes of the largest message taken; a larger one ends the association.
    public init(
        stack: SCTPStack, localPort: UInt16, remotePort: UInt16, maximumMessageSize: Int
    ) throws(SCTPSetupError) {
        self.stack = stack
        self.remotePort = remotePort
        self.maximumMessageSize = maximumMessageSize
        reassembly = ReassemblyBuffer(limit: maximumMessageSize)
        guard let socket = usrsctp_socket(AF_CONN, Int32(SOCK_STREAM.rawValue), sctpLevel, nil, nil, 0, nil) else {
            throw SCTPSetupError(call: "usrsctp_socket", code: errno)
        }
        self.socket = socket
        identifier = stack.register(self)
        try configureSocket(socket)
        var address = connAddress(port: localPort)
        let bound = withUnsafeMutableBytes(of: &address) {
            usrsctp_bind(
                socket, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        guard bound == 0 else { throw SCTPSetupError(call: "usrsctp_bind", code: errno) }
    }

    deinit {
        // Without a registration what usrsctp still wants to send goes nowhere, and not to an object being freed.
        stack.deregister(identifier)
        if let socket {
            usrsctp_close(socket)
        }
    }

    /// Sends INIT. Both sides of WebRTC do (RFC 8831 §6.2): whichever arrives first saves a round trip.
    public func connect() throws(SCTPSetupError) {
        guard let socket else { return }
        var address = connAddress(port: remotePort)
        let result = withUnsafeMutableBytes(of: &address) {
            usrsctp_connect(
                socket, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        guard result == 0 || errno == EINPROGRESS else {
            throw SCTPSetupError(call: "usrsctp_connect", code: errno)
        }
        try limitPacketSize(to: address)
    }

    /// Takes one SCTP packet that arrived inside DTLS.
    public func receive(_ packet: UnsafeRawBufferPointer) {
        guard socket != nil, packet.count > 0 else { return }
        usrsctp_conninput(UnsafeMutableRawPointer(bitPattern: identifier), packet.baseAddress, packet.count, 0)
    }

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

    /// Queues one message. It is copied, and leaves with the next `flush()` at the latest.
    public func send(
        _ payload: UnsafeRawBufferPointer, stream: UInt16, protocolIdentifier: UInt32, unordered: Bool,
        reliability: PartialReliability
    ) -> SCTPSendResult {
        guard isEstablished, endReason == nil, stream < outboundStreams else { return .refused }
        if held != nil {
            // More follows: let usrsctp put small messages into one packet.
            setBundling(true)
            let result = sendHeld()
            guard result == .accepted else { return result }
        }
        held = HeldMessage(
            payload: Array(payload), stream: stream, protocolIdentifier: protocolIdentifier, isUnordered: unordered,
            reliability: reliability)
        return .accepted
    }

    /// Bytes of the message that waits for the next `flush()`.
    var heldBytes: Int { held?.payload.count ?? 0 }

    /// Sends what was queued, several messages to a packet where they fit. False when the last message has to wait
    /// for room; the next flush tries again.
    @discardableResult
    public func flush() -> Bool {
        guard held != nil else { return true }
        setBundling(false)
        return sendHeld() == .accepted
    }

    /// A message refused here is one on a stream that does not exist, or of an association that has ended: nobody
    /// waits for it.
    private func sendHeld() -> SCTPSendResult {
        guard let message = held else { return .accepted }
        let result = message.payload.withUnsafeBytes { send($0, message) }
        if result != .full {
            held = nil
        }
        return result
    }

    private func send(_ payload: UnsafeRawBufferPointer, _ message: HeldMessage) -> SCTPSendResult {
        guard let socket else { return .refused }
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
        if sent == payload.count { return .accepted }
        return errno == EWOULDBLOCK || errno == ENOBUFS ? .full : .refused
    }

    /// Resets our outgoing side of the streams (RFC 6525), which is how a data channel is closed (RFC 8831 §6.7).
    /// False when usrsctp cannot now, as while another reset is under way: try again later.
    public func resetOutgoingStreams(_ streams: [UInt16]) -> Bool {
        guard let socket, isEstablished, !streams.isEmpty else { return false }
        let headerSize = MemoryLayout<sctp_reset_streams>.size
        var option = [UInt8](repeating: 0, count: headerSize + streams.count * 2)
        return option.withUnsafeMutableBytes { bytes in
            var header = sctp_reset_streams()
            header.srs_flags = UInt16(SCTP_STREAM_RESET_OUTGOING)
            header.srs_number_streams = UInt16(streams.count)
            bytes.storeBytes(of: header, as: sctp_reset_streams.self)
            for (index, stream) in streams.enumerated() {
                bytes.storeBytes(of: stream, toByteOffset: headerSize + index * 2, as: UInt16.self)
            }
            return usrsctp_setsockopt(
                socket, sctpLevel, SCTP_RESET_STREAMS, bytes.baseAddress, socklen_t(bytes.count)) == 0
        }
    }

    /// Ends the association with an ABORT that carries `reason` as a user-initiated cause (RFC 9260 §3.3.10.12).
    /// Browsers hand the text to the page where they can. The ABORT is in `outgoing` afterwards.
    public func abort(reason: String) {
        guard let socket, endReason == nil else { return }
        flush()
        endReason = .abortedHere
        if isEstablished {
            var info = sctp_sndinfo()
            info.snd_flags = UInt16(SCTP_ABORT)
            let text = Array(reason.utf8.prefix(Self.abortReasonLimit))
            _ = text.withUnsafeBytes { text in
                withUnsafeMutableBytes(of: &info) {
                    usrsctp_sendv(
                        socket, text.baseAddress, text.count, nil, 0, $0.baseAddress, socklen_t($0.count),
                        UInt32(SCTP_SENDV_SNDINFO), 0)
                }
            }
        }
        // Before the association is up there is no abort with a reason; closing sends a plain one if it can.
        self.socket = nil
        isEstablished = false
        usrsctp_close(socket)
        stack.deregister(identifier)
    }

    /// Bytes of an abort reason that are sent: a sentence, well within one packet.
    private static let abortReasonLimit = 200

    private func connAddress(port: UInt16) -> sockaddr_conn {
        var address = sockaddr_conn()
        address.sconn_family = UInt16(AF_CONN)
        address.sconn_port = port.bigEndian
        address.sconn_addr = UnsafeMutableRawPointer(bitPattern: identifier)
        return address
    }
}

// MARK: - Receiving

extension SCTPAssociation {
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
                isUnordered: info.rcv_flags & UInt16(SCTP_UNORDERED) != 0, payload: payload))
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
            outboundStreams = change.sac_outbound_streams
            return .established(
                inboundStreams: change.sac_inbound_streams, outboundStreams: change.sac_outbound_streams)
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
        let flags = Int32(header.strreset_flags)
        guard flags & (SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED) == 0 else { return nil }
        let end = min(Int(header.strreset_length), bytes.count)
        let streams = stride(from: headerSize, to: end - 1, by: 2).map {
            bytes.loadUnaligned(fromByteOffset: $0, as: UInt16.self)
        }
        return flags & SCTP_STREAM_RESET_INCOMING_SSN != 0
            ? .incomingStreamsReset(streams) : .outgoingStreamsReset(streams)
    }
}
