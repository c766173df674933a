import CUSRSCTP
import Glibc
import Primitives

/// One SCTP association over DTLS (RFC 8261), from the point of view of its user.
///
/// Packets come in by `receive`, leave through `outgoing`; events are pulled with `nextEvent()`. Not pulling is the
/// back-pressure: the receive window closes and the peer waits. Its clock is the stack's. How messages are taken is in
/// SCTPReceiving.swift, how they are sent in SCTPSending.swift, how an association begins without packets in SNAP.swift.
public final class SCTPAssociation {
    /// Packets to send to the peer, oldest first. The owner sends them and empties it.
    public var outgoing = PacketArena(keptBytes: PacketArena.keptBytesOfSession)
    /// What `SCTPStack.drainTouched` calls this association; nil where it could not be made.
    public private(set) var identifier: AssociationID?

    /// Streams there are towards the peer; 0 before the association is established.
    public internal(set) var outboundStreams: UInt16 = 0

    let stack: SCTPStack
    let maximumMessageSize: Int
    let localPort: UInt16
    let remotePort: UInt16
    private(set) var socket: OpaquePointer?
    var isEstablished = false
    var endReason: SCTPEndReason?
    var reportedEnd = false
    /// The pieces so far of a message that arrives in several (SCTPReceiving.swift).
    var reassembly: ReassemblyBuffer
    /// The newest message (SCTPSending.swift).
    var held: HeldMessage?
    /// Its bytes; empty while none is held.
    var heldPayload: [UInt8] = []
    var isBundling = false
    var ranks = StreamRanks()
    /// Whether usrsctp has been given a message of several fragments since it was last seen to have none.
    var mayBeHalfSent = false
    /// Streams to be reset as soon as what was sent on them before is with usrsctp (SCTPResetting.swift).
    var streamsToReset: Set<UInt16> = []
    /// Streams whose reset usrsctp has been told of and the peer has not answered.
    var resettingStreams: Set<UInt16> = []
    var resetRequests = ResetRequests()
    var ownRequests = OwnRequests()
    private var incomingResets = IncomingResets()
    private(set) var arrivals = ArrivalTimes()
    var growth: StreamGrowth
    private var setup: SetupRepetition?

    /// The largest SCTP packet made, in bytes: what a DTLS record of 1,200 bytes holds with the largest overhead of
    /// our cipher suites (RFC 8831 §5: no IP fragmentation, no path MTU known).
    public static let packetSize: UInt32 = 1200 - 37

    /// Bytes of the largest message that is one DATA chunk: what the common header (RFC 9260 §3.1) and the chunk's own
    /// (§3.3.1) leave of a packet.
    static let unfragmentedSize = Int(packetSize) - 12 - 16

    /// - Parameters:
    ///   - localPort: unique among live associations; shared ports would share one hash chain in usrsctp.
    ///   - maximumMessageSize: bytes of the largest message taken; a larger one ends the association.
    ///   - streamCount: streams offered each way; paid for as they come into use (StreamGrowth.swift).
    public init(
        stack: SCTPStack, localPort: UInt16, remotePort: UInt16, maximumMessageSize: Int,
        streamCount: UInt16 = SCTPStack.streamLimit
    ) throws(SCTPSetupError) {
        self.stack = stack
        self.localPort = localPort
        self.remotePort = remotePort
        self.maximumMessageSize = maximumMessageSize
        reassembly = ReassemblyBuffer(limit: maximumMessageSize)
        growth = StreamGrowth(offered: streamCount)
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
        deregister()
        if let socket {
            usrsctp_close(socket)
        }
    }

    private func deregister() {
        guard let identifier else { return }
        stack.deregister(identifier)
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

    /// From now on what sets the association and its first channels up is sent again before usrsctp's timers would.
    ///
    /// - Parameter roundTrip: as long as an answer takes, as far as that is known.
    public func hurrySetup(roundTrip: Milliseconds, at now: Instant) {
        setup = SetupRepetition(roundTrip: roundTrip, at: now)
    }

    /// When `advance(to:)` wants to be called. usrsctp's timers are the stack's and not counted here.
    public var nextDeadline: Instant? { socket == nil ? nil : setup?.deadline }

    /// Puts into `outgoing` what is due again.
    public func advance(to now: Instant) {
        guard socket != nil, let packet = setup?.due(at: now) else { return }
        packet.withUnsafeBytes { outgoing.append($0) }
    }

    /// Takes one SCTP packet that arrived inside DTLS. Returns why it went no further, if it did not reach usrsctp.
    @discardableResult
    public func receive(_ packet: UnsafeRawBufferPointer, at now: Instant) -> DropReason? {
        guard socket != nil else { return nil }
        guard CRC32C.isRight(in: packet), ParameterLengths.areSound(packet) else { return .sctpPacketMalformed }
        let contents = PacketContents(packet)
        if let tsn = contents.lastTSN { arrivals.note(tsn, at: now) }
        setup?.noteReceived(packet, contents, at: now)
        let newStream = contents.highestStream.flatMap { growth.inboundCount(for: $0) == nil ? nil : $0 }
        guard contents.isInit || contents.hasReconfiguration || newStream != nil else {
            input(packet)
            inputDueReset()
            return nil
        }
        return inputChanged(packet, contents, newStream: newStream)
    }

    private func inputChanged(
        _ packet: UnsafeRawBufferPointer, _ contents: PacketContents, newStream: UInt16?
    ) -> DropReason? {
        if contents.isInit {
            // A peer that begins anew numbers anew.
            arrivals = ArrivalTimes()
            inputInit(packet)
            return nil
        }
        if let newStream {
            if let end = contents.cookieEchoEnd { inputBeginning(of: packet, end: end) }
            guard growInbound(for: newStream) else { return .sctpStreamTooEarly }
        }
        if contents.hasReconfiguration {
            inputReconfiguration(incomingResets.passing(packet))
        } else {
            input(packet)
        }
        inputDueReset()
        return nil
    }

    /// Gives usrsctp the peer's reset whose time has come.
    func inputDueReset() {
        guard let packet = incomingResets.due() else { return }
        inputReconfiguration(packet)
    }

    private func inputInit(_ packet: UnsafeRawBufferPointer) {
        if !isEstablished, let initialTSN = growth.agree(on: packet) {
            resetRequests.begin(at: initialTSN)
            incomingResets.begin(at: initialTSN)
        }
        growth.limiting(packet).withUnsafeBytes { input($0) }
    }

    /// The COOKIE ECHO that begins the packet, by itself. It comes again with the packet, which does no harm.
    private func inputBeginning(of packet: UnsafeRawBufferPointer, end: Int) {
        var beginning = Array(packet[..<end])
        CRC32C.fill(in: &beginning)
        beginning.withUnsafeBytes { input($0) }
    }

    private func inputReconfiguration(_ packet: [UInt8]) {
        guard !packet.isEmpty else { return }
        let settled = packet.withUnsafeBytes { Reconfiguration.withoutIncomingInProgress($0) } ?? packet
        let answers = ownRequests.forStack(settled)
        let packets = answers.withUnsafeBytes { resetRequests.split($0) }
        for packet in packets.isEmpty ? [answers] : packets { packet.withUnsafeBytes { input($0) } }
    }

    func input(_ packet: UnsafeRawBufferPointer) {
        guard let identifier else { return }
        usrsctp_conninput(identifier.address, packet.baseAddress, packet.count, 0)
    }

    /// Takes a packet usrsctp has made.
    func output(_ packet: UnsafeRawBufferPointer) {
        let contents = PacketContents(packet)
        if let cumulativeTSN = contents.cumulativeTSN { incomingResets.acknowledged(cumulativeTSN) }
        guard contents.isInit || contents.hasReconfiguration else {
            setup?.noteSent(packet, contents, tick: stack.lastTick)
            return outgoing.append(packet)
        }
        let visible = contents.isInit ? growth.offering(packet) : reconfigurationForPeer(packet)
        guard !visible.isEmpty else { return }
        visible.withUnsafeBytes { visible in
            if contents.isInit { setup?.noteSent(visible, contents, tick: stack.lastTick) }
            outgoing.append(visible)
        }
    }

    private func reconfigurationForPeer(_ packet: UnsafeRawBufferPointer) -> [UInt8] {
        resetRequests.answers(ownRequests.forPeer(Array(packet)))
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
        deregister()
    }

    /// Bytes of an abort reason that are sent: a sentence, well within one packet.
    private static let abortReasonLimit = 200

    private func connAddress(port: UInt16) -> sockaddr_conn {
        var address = sockaddr_conn()
        address.sconn_family = UInt16(AF_CONN)
        address.sconn_port = port.bigEndian
        address.sconn_addr = identifier?.address
        return address
    }
}
